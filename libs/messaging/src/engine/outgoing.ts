import { randomUUIDv7 } from 'node:crypto';
import type { SqlTransaction } from '#database';
import { isTraceparent, type TraceContext } from '#tracing';
import type { OutgoingMessage, PreparedMessages } from '../messaging.js';
import type { Clock } from '../ports/clock.js';
import type { DueMessage, QueuedMessage, TransmissionQueue } from '../ports/store.js';
import { isPositiveInteger, isUuid, type Posting } from '../protocol/bundle.js';
import { isEnding } from '../protocol/dialog/index.js';
import { answerQueue, requestQueue, serviceQueue } from '../protocol/queue-names.js';
import type { Envelope } from '../protocol/envelope.js';
import { type Destination, route, type Route } from '../protocol/routing.js';
import type { Congestion, Way } from './congestion.js';
import type { Counters } from './counters.js';
import type { Relay } from './relay.js';
import type { Sightings } from './sightings.js';

export interface OutgoingOptions {
  readonly broker: string;
  readonly queue: TransmissionQueue;
  readonly relay: Relay;
  readonly congestion: Congestion;
  readonly clock: Clock;
  readonly traces: TraceContext;
  readonly counters: Counters;
  readonly sightings: Sightings;
}

/** Where a message is put: as in `Posting`, and the broker that it names. */
export interface Address {
  readonly queue: string;
  readonly toBroker: string | null;
  readonly channels?: readonly string[];
}

const channelsOf = ({ channels }: Pick<Route, 'channels'>) => (channels.length === 0 ? {} : { channels });

/** Recoverable messages on their way out: first into the transmission queue, after the commit onto a channel. */
export class Outgoing {
  private routes: readonly Route[] = [];

  constructor(private readonly options: OutgoingOptions) {}

  useRoutes(routes: readonly Route[]): void {
    this.routes = routes;
  }

  async send(tx: SqlTransaction, messages: readonly OutgoingMessage[]): Promise<void> {
    if (messages.length === 0) return;
    await this.enqueue(
      tx,
      messages.map((message) => this.queued(message)),
    );
  }

  /** See `Messaging.prepare`. */
  prepare(messages: readonly OutgoingMessage[]): PreparedMessages {
    const queued = messages.map((message) => this.queued(message));
    const sentAt = this.now();
    return { rows: this.options.queue.rowsOf(queued), sent: () => this.postFirst(queued, sentAt) };
  }

  /** Keeps messages with the caller's transaction and puts them on a channel after its commit. */
  async enqueue(tx: SqlTransaction, queued: readonly QueuedMessage[]): Promise<void> {
    // Not after the commit: a process that freezes there would send an old message with a new date (see `isStale`).
    const sentAt = this.now();
    this.options.queue.insert(tx, queued);
    tx.afterCommit(() => this.postFirst(queued, sentAt));
  }

  /** The date for a copy: to be taken before its message is taken from the transmission queue. */
  now(): string {
    return new Date(this.options.clock.now()).toISOString();
  }

  /** Puts messages that are counted as sent again on a channel, where the routes lead now. `at`: as `now` was before. */
  resend(due: readonly DueMessage[], at: string): void {
    this.options.counters.resent += due.length;
    for (const { messageId, attempts } of due) this.options.sightings.note('sent-again', messageId, attempts);
    this.post(due.map((message) => this.copy(message, at)));
  }

  /** The same for messages whose answer is overdue, and only where there is room; where they lead. */
  resendOverdue(due: readonly DueMessage[], at: string): Way[] {
    const copies = due.map((message) => this.copy(message, at));
    const { counters, sightings } = this.options;
    for (const { envelope, attempt = null } of this.postWhereRoom(copies)) {
      counters.resent++;
      sightings.note('sent-again', envelope.messageId, attempt);
    }
    return copies.flatMap((copy, index) => {
      const message = due[index];
      if (copy === null || message === undefined) return [];
      return [{ queue: copy.queue, broker: message.toBroker, attempts: message.attempts }];
    });
  }

  /** The trace that a message belongs to: what it was given, else that of what runs now. */
  traceOf(given: string | undefined): string | null {
    const traceparent = given ?? this.options.traces.current();
    return isTraceparent(traceparent) ? traceparent : null;
  }

  /** Where `destination` is reached at the moment; null where the routes do not tell. */
  addressOf(destination: Destination): Address | null {
    const routing = route(this.routes, destination);
    const { service } = destination;
    switch (routing.kind) {
      case 'broker':
        return { queue: requestQueue(service, routing.broker), toBroker: routing.broker, ...channelsOf(routing) };
      case 'next-hop':
        return { queue: serviceQueue(service), toBroker: null, ...channelsOf(routing) };
      case 'unknown-service':
        return null;
    }
  }

  private postFirst(queued: readonly QueuedMessage[], sentAt: string): void {
    this.options.counters.sent += queued.length;
    for (const { messageId } of queued) this.options.sightings.note('sent', messageId, 1);
    this.postWhereRoom(queued.map((message) => this.posting(message, sentAt)));
  }

  private copy(message: DueMessage, at: string): Posting | null {
    const attempt = message.attempts;
    const posting = this.posting(message, message.createdAt.toISOString(), { attempt, at });
    return posting && { ...posting, attempt };
  }

  /** What is for a full queue stays in the transmission queue; those that were posted. */
  private postWhereRoom(postings: readonly (Posting | null)[]): Posting[] {
    const { congestion } = this.options;
    const roomy = postings.filter((posting) => posting !== null).filter(({ queue }) => !congestion.isFull(queue));
    this.post(roomy);
    return roomy;
  }

  /** What no route leads to is left out: it stays in the transmission queue and is tried again. */
  private post(postings: readonly (Posting | null)[]): void {
    this.options.relay.post(postings.filter((posting) => posting !== null));
  }

  /** `again` on every copy but the first. */
  private posting(message: QueuedMessage, sentAt: string, again?: Envelope['again']): Posting | null {
    const { messageId, dialogId, sequence, fromService, toService, dialogSide, type, version, body, traceparent } =
      message;
    const address = this.addressOfMessage(message);
    if (address === null) return null;
    const { toBroker, ...way } = address;
    return {
      ...way,
      envelope: {
        messageId,
        dialogId,
        sequence,
        grade: 'message',
        ...(dialogSide === null ? {} : { dialog: { side: dialogSide, locked: message.toBroker !== null } }),
        type,
        version,
        fromService,
        fromBroker: this.options.broker,
        toService,
        toBroker,
        replyTo: answerQueue(this.options.broker),
        sentAt,
        ...(again === undefined ? {} : { again }),
        ...(traceparent === null ? {} : { traceparent }),
        body,
      },
    };
  }

  /** Initiators may have no service that is listened to; what their targets send comes with the answers. */
  private addressOfMessage({ toService, toBroker, dialogId, dialogSide, routingKey }: QueuedMessage): Address | null {
    if (dialogSide === 'target' && toBroker !== null) return { queue: answerQueue(toBroker), toBroker };
    return this.addressOf({ service: toService, broker: toBroker, key: routingKey ?? dialogId });
  }

  private queued(message: OutgoingMessage): QueuedMessage {
    const { dialogId, sequence, fromService, toService, type, version, body } = message;
    const messageId = message.messageId ?? randomUUIDv7();
    if (!isUuid(messageId) || !isUuid(dialogId)) throw new RangeError('message and dialog ids are UUIDs');
    if (!isPositiveInteger(sequence) || !isPositiveInteger(version)) {
      throw new RangeError('sequence and version count from 1');
    }
    if (isEnding(type)) throw new RangeError('only Dialogs can end a dialog');
    const key = message.conversationGroup ?? dialogId;
    const toBroker = this.addressOf({ service: toService, broker: message.toBroker, key })?.toBroker ?? null;
    if (toBroker === null) throw new Error(`no route names a broker of service ${toService}; begin a dialog with it`);
    const alone = { dialogSide: null, routingKey: null, traceparent: this.traceOf(message.traceparent) };
    return { messageId, dialogId, sequence, fromService, toService, toBroker, ...alone, type, version, body };
  }
}
