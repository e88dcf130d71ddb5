import { v7 as uuid } from 'uuid';
import type { SqlTransaction } from '#database';
import type { OutgoingMessage } from '../messaging.js';
import type { Clock } from '../ports/clock.js';
import type { QueuedMessage, TransmissionQueue } from '../ports/store.js';
import { isPositiveInteger, isUuid, type Posting } from '../protocol/bundle.js';
import { answerQueue, queueNamePart, requestQueue } from '../protocol/queue-names.js';
import { type Destination, route, type Route } from '../protocol/routing.js';
import type { Counters } from './counters.js';
import type { Relay } from './relay.js';

export interface OutgoingOptions {
  readonly broker: string;
  readonly queue: TransmissionQueue;
  readonly relay: Relay;
  readonly clock: Clock;
  readonly counters: Counters;
}

/** Recoverable messages on their way out: first into the transmission queue, after the commit onto a channel. */
export class Outgoing {
  private routes: readonly Route[] = [];

  constructor(private readonly options: OutgoingOptions) {}

  useRoutes(routes: readonly Route[]): void {
    this.routes = routes;
  }

  async send(tx: SqlTransaction, messages: readonly OutgoingMessage[]): Promise<void> {
    if (messages.length === 0) return;
    const queued = messages.map((message) => this.queued(message));
    await this.options.queue.insert(tx, queued);
    tx.afterCommit(() => {
      this.options.counters.sent += queued.length;
      const sentAt = new Date(this.options.clock.now()).toISOString();
      this.options.relay.post(queued.map((message) => this.posting(message, sentAt)));
    });
  }

  posting(message: QueuedMessage, sentAt: string): Posting {
    return {
      queue: requestQueue(message.toService, message.toBroker),
      envelope: {
        ...message,
        grade: 'message',
        fromBroker: this.options.broker,
        replyTo: answerQueue(this.options.broker),
        sentAt,
      },
    };
  }

  /** The broker that `destination` is for. Throws where the routes name none. */
  brokerOf(destination: Destination): string {
    const routing = route(this.routes, destination);
    if (routing.kind === 'broker') return queueNamePart(routing.broker);
    throw new Error(`no route names a broker of service ${destination.service} (${routing.kind})`);
  }

  private queued(message: OutgoingMessage): QueuedMessage {
    const { dialogId, sequence, fromService, toService, type, version, body } = message;
    const messageId = message.messageId ?? uuid();
    if (!isUuid(messageId) || !isUuid(dialogId)) throw new RangeError('message and dialog ids are UUIDs');
    if (!isPositiveInteger(sequence) || !isPositiveInteger(version)) {
      throw new RangeError('sequence and version count from 1');
    }
    const toBroker = this.brokerOf({
      service: queueNamePart(toService),
      broker: message.toBroker,
      key: message.conversationGroup ?? dialogId,
    });
    return { messageId, dialogId, sequence, fromService, toService, toBroker, type, version, body };
  }
}
