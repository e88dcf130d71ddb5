import type { SqlTransaction } from '#database';
import type { Envelope, JsonValue } from '../protocol/envelope.js';
import type { ParkedReason } from './dialog-store.js';
import type { DialogSide } from '../protocol/dialog/index.js';

/** A message that is about to be handled, and whether because it is parked after a failure. */
export interface Beginning {
  readonly messageId: string;
  readonly isRetry: boolean;
}

/** How a message stands that has come once more. */
export type Standing =
  /** Applied before. */
  | 'processed'
  /** Waits for its next attempt, or for an operator. */
  | 'parked'
  /** A replica has begun to handle it and is alive. */
  | 'in-progress'
  /** Recorded as begun now, for the first time. */
  | 'begun'
  /** A replica has begun to handle it and never come to an end. */
  | 'left-behind';

/** A message that waits for its next attempt; `attempts` have failed. */
export interface DueRetry {
  readonly envelope: Envelope;
  readonly attempts: number;
}

/** A message that was not applied, as it is to be parked. */
export interface Unapplied {
  readonly envelope: Envelope;
  /** The end of the dialog that it arrived at; null where it is a dialog of its own. */
  readonly side: DialogSide | null;
  readonly error: string;
  /** Nothing is parked anew for the sake of a copy that is older: it may have been applied and forgotten. */
  readonly channelLifetimeMs: number;
}

export interface FailedAttempt extends Unapplied {
  /** After so many failed attempts: milliseconds until the next one, or null where it was the last. */
  readonly delayMs: (attempts: number) => number | null;
}

export interface FailureRecord {
  readonly attempts: number;
  /** Null: it is left to an operator. */
  readonly delayMs: number | null;
}

export type GiveUp = (tx: SqlTransaction) => Promise<void>;

/** A message of the transmission queue, or one that is parked, as an operator sees it. */
export interface MessageView {
  readonly messageId: string;
  /** `queued` at its source; `parked`: waits and goes on by itself; `dead`: waits for an operator. */
  readonly state: MessageState;
  readonly dialogId: string;
  readonly sequence: number;
  readonly type: string;
  readonly version: number;
  readonly fromService: string;
  readonly fromBroker: string;
  readonly toService: string;
  /** Null where the routes choose. */
  readonly toBroker: string | null;
  readonly attempts: number;
  readonly crashes: number;
  /** Why it is parked; null where it is queued. */
  readonly reason: string | null;
  readonly lastError: string | null;
  /** Queued or parked since. */
  readonly since: Date;
  readonly nextAttemptAt: Date | null;
  readonly body: JsonValue;
}

export type MessageState = 'queued' | 'parked' | 'dead';

/** Messages of one broker instance that fail, or that replicas die of. */
export interface QuarantineStore {
  /**
   * How these stand; those that nobody has begun are recorded as begun for `leaseMs`, but not what is parked after a failure, unless
   * it is its retry. No id twice.
   */
  begin(messages: readonly Beginning[], leaseMs: number): Promise<ReadonlyMap<string, Standing>>;
  /** Begins one that was left behind; how often it has begun by now, or null where another replica was faster. */
  beginAgain(messageId: string, leaseMs: number): Promise<number | null>;
  /** Says that these are still being handled. */
  renew(messageIds: readonly string[], leaseMs: number): Promise<void>;
  /** Handling has come to an end, whichever. */
  finish(messageIds: readonly string[]): Promise<void>;

  /**
   * Records a failed attempt, which is its end: how many there are now, and how long it is until the next one; null where the message is applied by
   * now. After the last one, does `giveUp` in the same transaction.
   */
  fail(failed: FailedAttempt, giveUp: GiveUp): Promise<FailureRecord | null>;
  /** Parks a message that replicas die of, and does `giveUp` in the same transaction. */
  crash(crashed: Unapplied & { readonly crashes: number }, giveUp: GiveUp): Promise<void>;
  /** Takes messages whose next attempt is due, for `leaseMs`; other replicas that ask at the same time get others. */
  claimDue(messagesMax: number, leaseMs: number): Promise<DueRetry[]>;
  /** They are applied. */
  release(messageIds: readonly string[]): Promise<void>;

  list(broker: string, state: MessageState, messagesMax: number): Promise<MessageView[]>;
  /** One message, whatever its state. */
  find(broker: string, messageId: string): Promise<MessageView | null>;
  /** Gives a message of `state` `dead` or `parked` after failures all its attempts again, the first at once. */
  revive(messageId: string): Promise<boolean>;
  count(): Promise<Readonly<Record<ParkedReason, number>>>;
}
