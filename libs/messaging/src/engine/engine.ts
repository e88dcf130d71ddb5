import type { SqlTransaction, TransactionRunner } from '#database';
import { TRACE_CONTEXT, type TraceContext } from '#tracing';
import {
  type ActivationStatus,
  type ExpressOutcome,
  type ExpressRequest,
  Messaging,
  type MessagingStatus,
  type StoredMessages,
  type OutgoingMessage,
  type PreparedMessages,
  type QueueStatus,
} from '../messaging.js';
import type { Channel } from '../ports/channel.js';
import type { ChannelPolicy } from '../protocol/channel-spec.js';
import type { Clock } from '../ports/clock.js';
import { type FaultPoints, NO_FAULTS } from '../ports/fault-points.js';
import type { Logger } from '../ports/logger.js';
import type { DialogEndpoints, ParkedMessages, ParkedReason } from '../ports/dialog-store.js';
import type { QuarantineStore } from '../ports/quarantine-store.js';
import type { RetentionStore } from '../ports/retention-store.js';
import type { ProcessedMessages, RouteTable, TransmissionQueue } from '../ports/store.js';
import { DIALOG_PROTOCOL, type DialogProtocol } from '../protocol/dialog/index.js';
import type { Envelope } from '../protocol/envelope.js';
import { answerQueue, expressAnswerQueue, requestQueue, serviceQueue } from '../protocol/queue-names.js';
import { RETENTION_POLICY, type RetentionPolicy } from '../protocol/retention.js';
import type { Route } from '../protocol/routing.js';
import { Activation } from './activation.js';
import { Answers } from './answers.js';
import { Canaries } from './canaries.js';
import { ChannelSwitch } from './channel-switch.js';
import { Congestion } from './congestion.js';
import { Confirmations } from './confirmations.js';
import { Counters } from './counters.js';
import { Sightings } from './sightings.js';
import { settlesWithin } from './deadline.js';
import { DialogInbox } from './dialog-inbox.js';
import { EngineDialogs } from './dialogs.js';
import { Express } from './express.js';
import { Handlers, type Handler } from './handlers.js';
import { Handshake } from './handshake.js';
import { Inbox } from './inbox.js';
import { EngineOperations } from './operations.js';
import { Outgoing } from './outgoing.js';
import { Reception } from './reception.js';
import { PatientTransactions } from './patient-transactions.js';
import { Quarantine } from './quarantine.js';
import { Relay } from './relay.js';
import { Retries } from './retries.js';
import { Retention } from './retention.js';
import { EngineRoutes } from './routes.js';
import { Sweep } from './sweep.js';

/** Most readers of one queue on one channel; more buys nothing (each handles up to two hundred messages at a time). */
const READERS_MAX = 8;

const NOT_ACTIVATED: ActivationStatus = { readers: 0, backlog: 0, desiredReplicas: 1, replaced: 0 };

/** Longest wait at the end for what still has to leave, milliseconds. */
const FLUSH_MS_MAX = 2_000;

/**
 * Between two rounds of answers, milliseconds. They take messages out of the source's transmission queue, and the source has seconds before it sends one again:
 * one that comes alone leaves at once, and those of a steady stream share a job, and a transaction there.
 */
const ANSWERS_PAUSE_MS = 20;

/** Messages and answers to them gather for as long where there are many, milliseconds: nobody waits for them, and each job is two transactions. */
const GATHER_MS_MAX = 32;

export interface EngineOptions {
  readonly broker: string;
  readonly replica: string;
  readonly database: TransactionRunner;
  readonly channels: readonly Channel[];
  /** Active/passive where nothing is said. */
  readonly channelPolicy?: ChannelPolicy | undefined;
  readonly queue: TransmissionQueue;
  readonly processed: ProcessedMessages;
  readonly endpoints: DialogEndpoints;
  readonly parked: ParkedMessages;
  /** Another one only to show what the protocol is good for. */
  readonly dialogProtocol?: DialogProtocol | undefined;
  readonly retention: RetentionStore;
  readonly retentionPolicy?: RetentionPolicy | undefined;
  readonly quarantine: QuarantineStore;
  readonly routeTable: RouteTable;
  readonly initialRoutes: readonly Route[];
  readonly clock: Clock;
  readonly logger: Logger;
  readonly traceContext?: TraceContext | undefined;
  readonly faultPoints?: FaultPoints | undefined;
}

/** Everything of one replica, put together. Knows neither Nest nor the kinds of store and channel. */
export class MessagingEngine extends Messaging {
  readonly counters = new Counters();
  readonly channels: ChannelSwitch;
  private readonly sightings: Sightings;
  private readonly canaries: Canaries;
  private readonly messages: Relay;
  private readonly replies: Relay;
  private readonly answersBack: Relay;
  private readonly outgoing: Outgoing;
  private readonly sweep: Sweep;
  private readonly retention: Retention;
  readonly dialogs: EngineDialogs;
  readonly routes: EngineRoutes;
  private readonly confirmations: Confirmations;
  private readonly protocol: DialogProtocol;
  private readonly traces: TraceContext;
  private readonly transactions: PatientTransactions;
  private express: Express | null = null;
  private activation: Activation | null = null;
  private retries: Retries | null = null;
  readonly operations: EngineOperations;

  constructor(private readonly options: EngineOptions) {
    super();
    const { broker, queue, clock, logger, faultPoints = NO_FAULTS } = options;
    const { counters } = this;
    const sightings = new Sightings(clock);
    this.sightings = sightings;
    this.protocol = options.dialogProtocol ?? DIALOG_PROTOCOL;
    this.traces = options.traceContext ?? TRACE_CONTEXT;
    this.transactions = new PatientTransactions(options.database, clock, logger);
    this.canaries = new Canaries(expressAnswerQueue(broker, options.replica), clock);
    this.channels = new ChannelSwitch({
      channels: options.channels,
      policy: options.channelPolicy ?? 'active-passive',
      canaries: this.canaries,
      clock,
      logger,
    });
    const { channels } = this;
    this.messages = new Relay({ channels, faultPoints, gatherMsMax: GATHER_MS_MAX });
    this.replies = new Relay({ channels, faultPoints: NO_FAULTS });
    const gathering = { pauseMsMin: ANSWERS_PAUSE_MS, gatherMsMax: GATHER_MS_MAX };
    this.answersBack = new Relay({ channels, faultPoints: NO_FAULTS, ...gathering });
    const congestion = new Congestion({ backlog: (name) => this.channels.backlog(name), logger });
    this.outgoing = new Outgoing({
      broker,
      queue,
      relay: this.messages,
      congestion,
      clock,
      traces: this.traces,
      counters,
      sightings,
    });
    this.sweep = new Sweep({ queue, outgoing: this.outgoing, congestion, clock, logger });
    this.channels.onLoss = () => this.sweep.hurry();
    this.dialogs = new EngineDialogs({
      endpoints: options.endpoints,
      outgoing: this.outgoing,
      protocol: this.protocol,
      onSend: () => this.sweep.stir(),
    });
    this.routes = new EngineRoutes({
      table: options.routeTable,
      channels: options.channels.map(({ name }) => name),
      use: (routes) => this.outgoing.useRoutes(routes),
      logger,
    });
    this.confirmations = new Confirmations({ broker, parked: options.parked, relay: this.replies, clock, logger });
    this.operations = new EngineOperations({
      broker,
      sightings,
      store: options.quarantine,
      queue,
      outgoing: this.outgoing,
      retries: () => this.retries,
    });
    this.retention = new Retention({
      broker,
      store: options.retention,
      policy: options.retentionPolicy ?? RETENTION_POLICY,
      relay: this.replies,
      clock,
      logger,
      counters,
    });
  }

  /** Reads the routes, then starts sending and reading. Needs the database, but no channel. */
  async start(handlers: readonly Handler[]): Promise<void> {
    const known = new Handlers(handlers);
    const { clock, logger, quarantine, initialRoutes } = this.options;
    await this.routes.start(initialRoutes);
    this.express = this.createExpress(known);
    const reception = this.createReception(known, this.express);
    const retry = (envelopes: readonly Envelope[]) => reception.retry(envelopes);
    this.retries = new Retries({ store: quarantine, retry, clock, logger });
    this.channels.start();
    this.sweep.start();
    this.retention.start();
    this.confirmations.start();
    this.retries.start();
    this.activation = this.activate(known, reception);
  }

  /** Reads nothing new and finishes what is being handled (bounded). Sending still works. */
  async stopReading(): Promise<void> {
    this.transactions.stop();
    await this.sweep.stop();
    await this.retention.stop();
    await this.confirmations.stop();
    await this.retries?.stop();
    await this.routes.stop();
    this.channels.stop();
    await this.activation?.close();
    this.express?.close();
  }

  /** Lets what was posted leave (bounded) and closes the channels. */
  async close(): Promise<void> {
    await settlesWithin(
      FLUSH_MS_MAX,
      Promise.all([this.messages, this.replies, this.answersBack].map((relay) => relay.flush())),
    );
    await Promise.all(this.options.channels.map((channel) => channel.close()));
  }

  async send(tx: SqlTransaction, messages: readonly OutgoingMessage[]): Promise<void> {
    await this.outgoing.send(tx, messages);
    this.sweep.stir();
  }

  prepare(messages: readonly OutgoingMessage[]): PreparedMessages {
    const prepared = this.outgoing.prepare(messages);
    return {
      rows: prepared.rows,
      sent: () => {
        prepared.sent();
        this.sweep.stir();
      },
    };
  }

  async request(request: ExpressRequest): Promise<ExpressOutcome> {
    return this.express?.request(request) ?? { outcome: 'error', reason: 'messaging is not started', attempts: 0 };
  }

  status(): MessagingStatus {
    const { sent, resent, received, duplicates, refused, failed } = this.counters;
    return {
      broker: this.options.broker,
      channels: this.channelStatus(),
      queues: this.queueStatus(),
      activation: this.activationStatus(),
      counters: { sent, resent, received, duplicates, refused, failed },
    };
  }

  async stored(): Promise<StoredMessages> {
    const [size, parked] = await Promise.all([this.options.queue.size(), this.parkedMessages()]);
    return { ...size, parked: Object.values(parked).reduce((sum, count) => sum + count, 0) };
  }

  channelStatus(): MessagingStatus['channels'] {
    return this.channels.status();
  }

  /** Null where the database is away. */
  queueSize(): Promise<Pick<StoredMessages, 'unanswered' | 'oldestUnansweredSeconds'> | null> {
    return this.options.queue.size().catch(() => null);
  }

  /** Of the whole broker instance, by reason. */
  parkedMessages(): Promise<Readonly<Record<ParkedReason, number>>> {
    return this.options.quarantine.count();
  }

  /** Messages that the inbox of the whole broker instance remembers, estimated. */
  processedRows(): Promise<number> {
    return this.options.retention.processedRows();
  }

  queueStatus(): QueueStatus[] {
    return this.activation?.queues() ?? [];
  }

  activationStatus(): ActivationStatus {
    return this.activation?.status() ?? NOT_ACTIVATED;
  }

  private createExpress(handlers: Handlers): Express {
    const { broker, replica, clock, logger } = this.options;
    const { counters, sightings, outgoing, replies: relay, traces } = this;
    return new Express({ broker, replica, relay, outgoing, handlers, sightings, traces, clock, logger, counters });
  }

  private createReception(handlers: Handlers, express: Express): Reception {
    const { broker, queue, processed, endpoints, parked, clock, logger, faultPoints = NO_FAULTS } = this.options;
    const { counters, sightings, replies, answersBack, transactions, outgoing, protocol, retention, traces } = this;
    const isStale = (envelope: Envelope) => retention.isStale(envelope);
    const shared = {
      transactions,
      processed,
      endpoints,
      parked,
      handlers,
      traces,
      protocol,
      isStale,
      faultPoints,
      logger,
      counters,
      sightings,
    };
    const inbox = new Inbox(shared);
    const redeliver = (envelopes: readonly Envelope[]) => void reception.applyParked(envelopes);
    const dialogInbox = new DialogInbox({ ...shared, redeliver });
    const reception = new Reception({
      broker,
      quarantine: this.createQuarantine(handlers, inbox, dialogInbox),
      answers: new Answers({ ...shared, queue }),
      handshake: new Handshake({ ...shared, queue, outgoing }),
      express,
      handlers,
      retention,
      replies,
      answersBack,
      clock,
      logger,
      faultPoints,
      counters,
    });
    return reception;
  }

  private createQuarantine(handlers: Handlers, inbox: Inbox, dialogInbox: DialogInbox): Quarantine {
    const { quarantine: store, retentionPolicy = RETENTION_POLICY, clock, logger } = this.options;
    return new Quarantine({
      store,
      handlers,
      apply: (envelope, isParked) => (envelope.dialog === undefined ? inbox : dialogInbox).receive(envelope, isParked),
      overtake: (envelope, tx) => dialogInbox.overtake(envelope, tx),
      onParked: (delayMs) => this.retries?.lookIn(delayMs),
      channelLifetimeMs: retentionPolicy.channelLifetimeMs,
      clock,
      logger,
      counters: this.counters,
    });
  }

  /** All queues of this replica, on all channels: other brokers may see the channels differently. */
  private activate(handlers: Handlers, reception: Reception): Activation {
    const { broker, replica, channels, clock, logger } = this.options;
    return new Activation({
      channels,
      channelSwitch: this.channels,
      canaries: this.canaries,
      sharedQueues: [
        ...handlers.services().flatMap((service) => [requestQueue(service, broker), serviceQueue(service)]),
        answerQueue(broker),
      ],
      ownQueue: expressAnswerQueue(broker, replica),
      handle: (data) => reception.receive(data),
      readersMax: READERS_MAX,
      clock,
      logger,
    });
  }
}
