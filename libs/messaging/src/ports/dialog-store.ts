import type { SqlTransaction } from '#database';
import type { DialogSide, Endpoint } from '../protocol/dialog/index.js';
import type { Envelope } from '../protocol/envelope.js';

export interface EndpointKey {
  readonly dialogId: string;
  readonly side: DialogSide;
}

/** One text per key, for maps. */
export const keyText = ({ dialogId, side }: EndpointKey) => `${dialogId}/${side}`;

/** Room for consecutive messages on a dialog, as the sender's endpoint gives it. */
export interface Reservation extends Pick<Endpoint, 'dialogId' | 'side' | 'service' | 'farService' | 'farBroker'> {
  readonly conversationGroup: string | null;
  readonly firstSequence: number;
}

/** What receiving changes; what sending changes is left alone. */
export type Progress = Pick<
  Endpoint,
  'dialogId' | 'side' | 'confirmed' | 'nextReceiveSequence' | 'farLastSequence' | 'ended'
> & { readonly errorReason?: string | null };

/** The ends of dialogs that one broker instance has. */
export interface DialogEndpoints {
  /** False where it exists already. */
  begin(tx: SqlTransaction, endpoint: Endpoint, conversationGroup: string | null): Promise<boolean>;
  /**
   * Numbers `count` messages where the endpoint is open, and locks it until the transaction ends; `ending`: they are the
   * last. All ends of the dialog that are open, at most two.
   */
  reserve(
    tx: SqlTransaction,
    dialog: { readonly dialogId: string; readonly side: DialogSide | null },
    count: number,
    ending: boolean,
    errorReason: string | null,
  ): Promise<Reservation[]>;
  /** The endpoints that exist, locked until the transaction ends, in one order for everybody. */
  lock(tx: SqlTransaction, keys: readonly EndpointKey[]): Promise<Endpoint[]>;
  /** Adds targets that are not there yet. */
  insert(tx: SqlTransaction, endpoints: readonly Endpoint[]): Promise<void>;
  saveProgress(tx: SqlTransaction, endpoints: readonly Progress[]): Promise<void>;
  /** Gives locked endpoints their far broker. */
  saveLock(tx: SqlTransaction, endpoints: readonly Endpoint[]): Promise<void>;
  /** Forgets endpoints and what they have parked. */
  remove(tx: SqlTransaction, keys: readonly EndpointKey[]): Promise<void>;
}

export type ParkedReason = 'gap' | 'unconfirmed' | 'failed' | 'crashed';

export interface NewParked {
  readonly envelope: Envelope;
  readonly side: DialogSide | null;
  readonly reason: ParkedReason;
}

/** A parked message without its content. */
export interface ParkedPosition extends EndpointKey {
  readonly messageId: string;
  readonly sequence: number;
  readonly reason: ParkedReason;
}

/** Messages that have arrived and wait. */
export interface ParkedMessages {
  /** Keeps messages. One that is parked already stays as it is, unless that was for a failure: then it waits for this reason instead. */
  park(tx: SqlTransaction, messages: readonly NewParked[]): Promise<void>;
  /** What the dialogs have parked, in sequence. Their endpoints should be locked. */
  positions(tx: SqlTransaction, dialogIds: readonly string[]): Promise<ParkedPosition[]>;
  envelopes(tx: SqlTransaction, messageIds: readonly string[]): Promise<Envelope[]>;
  remove(tx: SqlTransaction, messageIds: readonly string[]): Promise<void>;
  /** Takes unconfirmed messages whose confirmation is overdue; other replicas that ask at the same time get others. */
  claimUnconfirmed(messagesMax: number): Promise<Envelope[]>;
}
