import type { SqlTransaction } from '#database';
import type { DialogSide } from '../protocol/dialog/index.js';
import type { Envelope, JsonValue } from '../protocol/envelope.js';
import type { Route } from '../protocol/routing.js';

/** A message as it is kept at its source until it is answered. */
export interface QueuedMessage {
  readonly messageId: string;
  readonly dialogId: string;
  readonly sequence: number;
  readonly fromService: string;
  readonly toService: string;
  /** Null while the dialog is not locked: chosen anew at every attempt. */
  readonly toBroker: string | null;
  /** End of the dialog that sends it; null where the message is a dialog of its own. */
  readonly dialogSide: DialogSide | null;
  /** What an open broker is chosen by; null where the message is a dialog of its own. */
  readonly routingKey: string | null;
  readonly type: string;
  readonly version: number;
  readonly body: JsonValue;
  /** W3C trace context of what sent it. */
  readonly traceparent: string | null;
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
  insert(tx: SqlTransaction, messages: readonly QueuedMessage[]): void;
  /** The same for a transaction that is one statement of the caller's own, which keeps them with what it does beside. */
  rowsOf(messages: readonly QueuedMessage[]): string;
  /**
   * Takes messages whose answer is overdue, or will be in `aheadMs`, oldest first, so many at most for each broker and none for those
   * named; other replicas that ask at the same time get others.
   */
  claimDue(messagesMaxEach: number, exceptFor: readonly string[], aheadMs: number): Promise<DueMessage[]>;
  /** Takes this one, due or not; empty where it is answered. */
  claim(messageId: string): Promise<DueMessage[]>;
  /** Removes what is answered; returns those that were still there. */
  remove(tx: SqlTransaction, messageIds: readonly string[]): Promise<QueuedMessage[]>;
  /** Settles the broker of what is still open in these dialogs; returns it, counted as sent again now. */
  settleBroker(
    tx: SqlTransaction,
    dialogs: readonly { readonly dialogId: string; readonly farBroker: string | null }[],
  ): Promise<DueMessage[]>;
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
  ): void;
}

/** The routes of one broker instance. */
export interface RouteTable {
  /** Adds those that are not there yet. */
  ensure(routes: readonly Route[]): Promise<void>;
  all(): Promise<Route[]>;
  /** Puts these in the place of all there are, and tells every replica. */
  replace(routes: readonly Route[]): Promise<void>;
  /** Calls `changed` soon after routes were replaced, whoever did it, and whenever that may have been missed. */
  watch(changed: () => void): () => Promise<void>;
}
