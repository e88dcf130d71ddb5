import type { SqlTransaction, TransactionRunner } from '#database';
import {
  type ExpressOutcome,
  type ExpressRequest,
  Messaging,
  type MessagingStatus,
  type OutgoingMessage,
} from '../messaging.js';
import type { Channel, Listener } from '../ports/channel.js';
import type { Clock } from '../ports/clock.js';
import { type FaultPoints, NO_FAULTS } from '../ports/fault-points.js';
import type { Logger } from '../ports/logger.js';
import type { ProcessedMessages, RouteTable, TransmissionQueue } from '../ports/store.js';
import { answerQueue, expressAnswerQueue, requestQueue } from '../protocol/queue-names.js';
import type { Route } from '../protocol/routing.js';
import { Answers } from './answers.js';
import { ChannelSwitch } from './channel-switch.js';
import { Counters } from './counters.js';
import { settlesWithin } from './deadline.js';
import { Express } from './express.js';
import { Handlers, type Handler } from './handlers.js';
import { Inbox } from './inbox.js';
import { Outgoing } from './outgoing.js';
import { Reception } from './reception.js';
import { PatientTransactions } from './patient-transactions.js';
import { Relay } from './relay.js';
import { Sweep } from './sweep.js';

/** Bundles that one reader handles at a time; more buys nothing (each is up to a hundred messages). */
const READER_CONCURRENCY = 4;

/** Longest wait at the end for what still has to leave, milliseconds. */
const FLUSH_MS_MAX = 2_000;

export interface EngineOptions {
  readonly broker: string;
  readonly replica: string;
  readonly database: TransactionRunner;
  readonly channels: readonly Channel[];
  readonly queue: TransmissionQueue;
  readonly processed: ProcessedMessages;
  readonly routeTable: RouteTable;
  readonly initialRoutes: readonly Route[];
  readonly clock: Clock;
  readonly logger: Logger;
  readonly faultPoints?: FaultPoints | undefined;
}

/** Everything of one replica, put together. Knows neither Nest nor the kinds of store and channel. */
export class MessagingEngine extends Messaging {
  readonly counters = new Counters();
  private readonly channels: ChannelSwitch;
  private readonly messages: Relay;
  private readonly replies: Relay;
  private readonly outgoing: Outgoing;
  private readonly sweep: Sweep;
  private readonly transactions: PatientTransactions;
  private express: Express | null = null;
  private listeners: Listener[] = [];

  constructor(private readonly options: EngineOptions) {
    super();
    const { broker, queue, clock, logger, faultPoints = NO_FAULTS } = options;
    const { counters } = this;
    this.transactions = new PatientTransactions(options.database, clock, logger);
    this.channels = new ChannelSwitch(options.channels, clock, logger);
    this.messages = new Relay(this.channels, faultPoints);
    this.replies = new Relay(this.channels, NO_FAULTS);
    this.outgoing = new Outgoing({ broker, queue, relay: this.messages, clock, counters });
    this.sweep = new Sweep({ queue, outgoing: this.outgoing, relay: this.messages, clock, counters, logger });
  }

  /** Reads the routes, then starts sending and reading. Needs the database, but no channel. */
  async start(handlers: readonly Handler[]): Promise<void> {
    const { routeTable, initialRoutes } = this.options;
    const known = new Handlers(handlers);
    await routeTable.ensure(initialRoutes);
    this.outgoing.useRoutes(await routeTable.all());
    this.express = this.createExpress(known);
    const reception = this.createReception(known, this.express);
    this.channels.start();
    this.sweep.start();
    this.listeners = this.listen(known, reception);
  }

  /** Reads nothing new and finishes what is being handled (bounded). Sending still works. */
  async stopReading(): Promise<void> {
    this.transactions.stop();
    await this.sweep.stop();
    await Promise.all(this.listeners.map((listener) => listener.close()));
    this.listeners = [];
    this.express?.close();
  }

  /** Lets what was posted leave (bounded) and closes the channels. */
  async close(): Promise<void> {
    await settlesWithin(FLUSH_MS_MAX, Promise.all([this.messages.flush(), this.replies.flush()]));
    this.channels.stop();
    await Promise.all(this.options.channels.map((channel) => channel.close()));
  }

  async send(tx: SqlTransaction, messages: readonly OutgoingMessage[]): Promise<void> {
    await this.outgoing.send(tx, messages);
    this.sweep.stir();
  }

  async request(request: ExpressRequest): Promise<ExpressOutcome> {
    return this.express?.request(request) ?? { outcome: 'error', reason: 'messaging is not started', attempts: 0 };
  }

  async status(): Promise<MessagingStatus> {
    const { sent, resent, received, duplicates, refused, failed } = this.counters;
    return {
      broker: this.options.broker,
      channels: this.channelStatus(),
      ...(await this.options.queue.size()),
      counters: { sent, resent, received, duplicates, refused, failed },
    };
  }

  channelStatus(): MessagingStatus['channels'] {
    return this.channels.status();
  }

  /** Null where the database is away. */
  queueSize(): Promise<Pick<MessagingStatus, 'unanswered' | 'oldestUnansweredSeconds'> | null> {
    return this.options.queue.size().catch(() => null);
  }

  private createExpress(handlers: Handlers): Express {
    const { broker, replica, clock, logger } = this.options;
    const { counters, outgoing, replies } = this;
    return new Express({ broker, replica, relay: replies, outgoing, handlers, clock, logger, counters });
  }

  private createReception(handlers: Handlers, express: Express): Reception {
    const { broker, queue, processed, clock, logger, faultPoints = NO_FAULTS } = this.options;
    const { counters, replies, transactions } = this;
    return new Reception({
      broker,
      inbox: new Inbox({ transactions, processed, handlers, faultPoints, logger, counters }),
      answers: new Answers({ transactions, queue, handlers, logger, counters }),
      express,
      replies,
      clock,
      faultPoints,
      counters,
    });
  }

  /** All queues of this replica, on all channels: other brokers may see the channels differently. */
  private listen(handlers: Handlers, reception: Reception): Listener[] {
    const { broker, replica, channels } = this.options;
    const queues = [
      ...handlers.services().map((service) => requestQueue(service, broker)),
      answerQueue(broker),
      expressAnswerQueue(broker, replica),
    ];
    return channels.flatMap((channel) =>
      queues.map((queue) =>
        channel.listen(queue, (data) => reception.receive(data), { concurrency: READER_CONCURRENCY }),
      ),
    );
  }
}
