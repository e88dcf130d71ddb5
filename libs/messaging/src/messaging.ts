import type { SqlTransaction } from '#database';
import type { JsonValue } from './protocol/envelope.js';

/** A recoverable message to be sent with the caller's transaction. */
export interface OutgoingMessage {
  /** Given where the sender must be able to name it again; else made here (UUIDv7). */
  readonly messageId?: string;
  /** The dialog; a message on a new dialog begins it. */
  readonly dialogId: string;
  /** From 1 without gaps within the dialog. */
  readonly sequence: number;
  readonly fromService: string;
  readonly toService: string;
  /** Given: exactly that broker instance. Not given: the routes decide, by conversation group or dialog. */
  readonly toBroker?: string;
  readonly conversationGroup?: string;
  readonly type: string;
  readonly version: number;
  readonly body: JsonValue;
  /** W3C trace context; that of what runs now where none is given. Text that is none is left out. */
  readonly traceparent?: string | undefined;
}

/** Messages on their way into a transaction that is a single statement. */
export interface PreparedMessages {
  /** What the statement hands to the SQL function `messaging.enqueue(jsonb)`. */
  readonly rows: string;
  /** To be called after the commit, and only then: this replica puts them on a channel at once. */
  sent(): void;
}

/** An express message: kept in memory only, re-sent until answered or given up, gone with the process. */
export interface ExpressRequest {
  /** Given where its way is to be found again; else made here (UUIDv7). */
  readonly messageId?: string;
  readonly fromService: string;
  readonly toService: string;
  readonly toBroker?: string;
  readonly type: string;
  readonly version: number;
  readonly body: JsonValue;
  /** Until one attempt counts as lost, milliseconds. */
  readonly attemptTimeoutMs: number;
  readonly attemptsMax: number;
}

/** The three outcomes of a request (article "Reliability in Connected Systems", figure 1). */
export type ExpressOutcome =
  | { readonly outcome: 'answered'; readonly body: JsonValue; readonly attempts: number }
  | { readonly outcome: 'error'; readonly reason: string; readonly attempts: number }
  | { readonly outcome: 'timed-out'; readonly attempts: number };

/** One channel as one replica sees it. */
export interface ChannelStatus {
  readonly name: string;
  readonly kind: 'redis' | 'postgres';
  /** Whether senders use it first, or only when the active one fails. Under active/active all are active. */
  readonly role: 'active' | 'passive';
  readonly state: 'up' | 'down';
  /** Whether this replica sends on it at the moment. */
  readonly inUse: boolean;
  /** Time that the last canary took; null where none has come back yet, or the last one was lost. */
  readonly canarySeconds: number | null;
  /** Times that senders had to turn away from it, and how long that took last: until another channel had taken something. */
  readonly failovers: number;
  readonly lastFailoverSeconds: number | null;
  /** How long it has been down; 0: it is up. */
  readonly downSeconds: number;
}

/** Readers of one queue in one replica, over all channels. */
export interface QueueStatus {
  readonly queue: string;
  /** 0: only a monitor waits on it. */
  readonly readers: number;
  readonly readersMax: number;
  /** Bundles (of up to two hundred messages) that wait, as last seen. */
  readonly backlog: number;
  /** Something waits and is not delivered: the queue is paused, or its readers are dead. */
  readonly silent: boolean;
}

/** What the queues call for. */
export interface ActivationStatus {
  /** Of this replica, over all queues. */
  readonly readers: number;
  /** Bundles that wait for this broker's replicas, as last seen. */
  readonly backlog: number;
  /** How many replicas the broker should have, at least 1: the signal for external activation. */
  readonly desiredReplicas: number;
  /** Times that dead readers were replaced. */
  readonly replaced: number;
}

/** What an operator sees of one replica's messaging, whether its database is there or not. */
export interface MessagingStatus {
  readonly broker: string;
  readonly channels: readonly ChannelStatus[];
  readonly queues: readonly QueueStatus[];
  readonly activation: ActivationStatus;
  readonly counters: {
    readonly sent: number;
    readonly resent: number;
    readonly received: number;
    readonly duplicates: number;
    readonly refused: number;
    readonly failed: number;
  };
}

/** What the database keeps for the whole broker instance. */
export interface StoredMessages {
  /** Rows in the transmission queue, and age of the oldest, seconds. */
  readonly unanswered: number;
  readonly oldestUnansweredSeconds: number;
  /** Messages that were received and not applied yet, for whatever reason. */
  readonly parked: number;
}

/** The sending side. Implemented by `MessagingModule`; also the injection token. */
export abstract class Messaging {
  /**
   * Writes the messages into the transmission queue inside `tx`; nothing is sent if it rolls back. After the commit
   * this replica puts them on a channel at once; should it die before, any replica's sweep does.
   */
  abstract send(tx: SqlTransaction, messages: readonly OutgoingMessage[]): Promise<void>;

  /**
   * The same where the caller's whole transaction is one statement of its own: locks are then held for no round trip. The messages are
   * sent exactly where that statement called `messaging.enqueue` and committed; `sent` only hurries them on.
   */
  abstract prepare(messages: readonly OutgoingMessage[]): PreparedMessages;

  /** Sends an express message and waits for its outcome. Never rejects for what happens on the way. */
  abstract request(request: ExpressRequest): Promise<ExpressOutcome>;

  abstract status(): MessagingStatus;

  /** Two statements. Rejects where the database is away. */
  abstract stored(): Promise<StoredMessages>;
}
