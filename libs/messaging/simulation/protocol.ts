import { DIALOG_PROTOCOL, type DialogProtocol } from '../src/protocol/dialog/index.js';
import { forgetAfterMs, isStale, type RetentionPolicy } from '../src/protocol/retention.js';
import type { Processed, Store } from './store.js';
import type { SimulatedTransaction } from './transaction.js';

/** The protections as the simulated brokers use them, so that a mutant can take one away. */
export interface Protections {
  /** Endpoints: sequence check, first-acknowledgement lock, handshake. */
  readonly dialog: DialogProtocol;
  /** Whether the inbox knows a message already. */
  readonly known: (store: Store, messageId: string) => Processed | undefined;
  /** Keeps what was applied, in the transaction of its effect. */
  readonly remember: (tx: SimulatedTransaction, store: Store, messageId: string, processed: Processed) => void;
  /** Whether a parcel is for this broker. */
  readonly isMeant: (toBroker: string | null, broker: string) => boolean;
  /** Whether a copy is too old to be told from one that was forgotten. */
  readonly isStale: (madeAt: number, now: number, policy: RetentionPolicy) => boolean;
  /** Whether that is looked at in the transaction that applies it, and not only when the copy is taken from its channel. */
  readonly looksInTransaction: boolean;
  /** Whether the source is asked what it still has before anything is forgotten. */
  readonly asksBeforeForgetting: boolean;
  /** From the source's word until it is acted upon, milliseconds. */
  readonly forgetAfterMs: (policy: RetentionPolicy) => number;
  /** Whether what waits for its confirmation is acknowledged again after a while. */
  readonly acknowledgesAgain: boolean;
  /** Whether what is not answered in time is sent again. */
  readonly resends: boolean;
}

/** The library's protocol, whole. */
export const PROTECTED: Protections = {
  dialog: DIALOG_PROTOCOL,
  known: (store, messageId) => store.processed.get(messageId),
  remember: (tx, store, messageId, processed) => tx.put(store.processed, messageId, processed),
  isMeant: (toBroker, broker) => toBroker === null || toBroker === broker,
  isStale: (madeAt, now, policy) => isStale({ sentAt: new Date(madeAt).toISOString() }, now, policy),
  looksInTransaction: true,
  asksBeforeForgetting: true,
  forgetAfterMs,
  acknowledgesAgain: true,
  resends: true,
};
