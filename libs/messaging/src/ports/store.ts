import type { SqlTransaction } from '#database';
import type { Envelope, JsonValue } from '../protocol/envelope.js';
import type { Route } from '../protocol/routing.js';

/** A message as it is kept at its source until it is answered. */
export interface QueuedMessage {
  readonly messageId: string;
  readonly dialogId: string;
  readonly sequence: number;
  readonly fromService: string;
  readonly toService: string;
  readonly toBroker: string;
  readonly type: string;
  readonly version: number;
  readonly body: JsonValue;
}

/** A message that is due again, counted as sent. */
export interface DueMessage extends QueuedMessage {
  /** Of the first sending. */
  readonly createdAt: Date;
  readonly attempts: number;
}

/** The messages of one broker instance that are not answered yet. */
export interface TransmissionQueue {
  /** Keeps messages with the caller's transaction, as sent once now. */
  insert(tx: SqlTransaction, messages: readonly QueuedMessage[]): Promise<void>;
  /** Takes messages whose answer is overdue, oldest first; other replicas that ask at the same time get others. */
  claimDue(messagesMax: number): Promise<DueMessage[]>;
  /** Removes what is answered; returns those that were still there. */
  remove(tx: SqlTransaction, messageIds: readonly string[]): Promise<QueuedMessage[]>;
  size(): Promise<{ readonly unanswered: number; readonly oldestUnansweredSeconds: number }>;
}

/** What the inbox remembers of a message that was applied. */
export interface ProcessedMessage {
  readonly messageId: string;
  /** Hexadecimal. */
  readonly fingerprint: string;
  readonly answer: JsonValue;
}

/** Ids, fingerprints and answers of the messages that one broker instance has applied. */
export interface ProcessedMessages {
  /** Claims ids for this transaction, waiting for others that claim the same; returns those that nobody has applied yet. */
  claim(
    tx: SqlTransaction,
    messages: readonly { readonly envelope: Envelope; readonly fingerprint: string }[],
  ): Promise<ReadonlySet<string>>;
  find(tx: SqlTransaction, messageIds: readonly string[]): Promise<ProcessedMessage[]>;
  storeAnswers(
    tx: SqlTransaction,
    answers: readonly { readonly messageId: string; readonly answer: JsonValue }[],
  ): Promise<void>;
}

/** The routes of one broker instance. */
export interface RouteTable {
  /** Adds those that are not there yet. */
  ensure(routes: readonly Route[]): Promise<void>;
  all(): Promise<Route[]>;
}
