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
}

/** An express message: kept in memory only, re-sent until answered or given up, gone with the process. */
export interface ExpressRequest {
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

/** What an operator sees of one replica's messaging. */
export interface MessagingStatus {
  readonly broker: string;
  readonly channels: readonly {
    readonly name: string;
    readonly kind: 'redis' | 'postgres';
    /** Whether senders use it first, or only when the active one fails. */
    readonly role: 'active' | 'passive';
    readonly state: 'up' | 'down';
    /** Whether this replica sends on it at the moment. */
    readonly inUse: boolean;
  }[];
  /** Rows in the transmission queue (of the whole broker instance) and age of the oldest, seconds. */
  readonly unanswered: number;
  readonly oldestUnansweredSeconds: number;
  readonly counters: {
    readonly sent: number;
    readonly resent: number;
    readonly received: number;
    readonly duplicates: number;
    readonly refused: number;
    readonly failed: number;
  };
}

/** The sending side. Implemented by `MessagingModule`; also the injection token. */
export abstract class Messaging {
  /**
   * Writes the messages into the transmission queue inside `tx`; nothing is sent if it rolls back. After the commit
   * this replica puts them on a channel at once; should it die before, any replica's sweep does.
   */
  abstract send(tx: SqlTransaction, messages: readonly OutgoingMessage[]): Promise<void>;

  /** Sends an express message and waits for its outcome. Never rejects for what happens on the way. */
  abstract request(request: ExpressRequest): Promise<ExpressOutcome>;

  /** One statement. Rejects where the database is away. */
  abstract status(): Promise<MessagingStatus>;
}
