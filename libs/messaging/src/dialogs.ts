import type { SqlTransaction } from '#database';
import type { DialogSide } from './protocol/dialog/index.js';
import type { JsonValue } from './protocol/envelope.js';

export interface NewDialog {
  /** Given where beginning the same dialog twice must be harmless; else made here (UUIDv7). */
  readonly dialogId?: string;
  readonly fromService: string;
  readonly toService: string;
  /** Given: exactly that broker instance. Not given: the routes choose one, and the first acknowledgement locks it. */
  readonly toBroker?: string;
  /** Dialogs of one group reach the same broker, as long as the routes are the same when they begin. */
  readonly conversationGroup?: string;
}

export interface DialogMessage {
  /** Given where the sender must be able to name it again; else made here (UUIDv7). */
  readonly messageId?: string;
  readonly type: string;
  readonly version: number;
  readonly body: JsonValue;
  /** As in `OutgoingMessage`. */
  readonly traceparent?: string | undefined;
}

/** A dialog, by its id; with the side where both of its ends are in this broker instance. */
export type DialogReference = string | { readonly dialogId: string; readonly side: DialogSide };

/** This end may not send: it or the far end has ended the dialog, or it is not known here. */
export class DialogNotOpen extends Error {
  constructor(readonly dialogId: string) {
    super(`dialog ${dialogId} is not open here`);
  }
}

/**
 * Conversations of many messages: each is applied once and in the order in which it was sent, in either direction. Both
 * ends may send, the target after it has received. Implemented by `MessagingModule`; also the injection token.
 */
export abstract class Dialogs {
  /** Begins a dialog in the caller's transaction. With a `dialogId` that has been begun already, nothing happens. */
  abstract begin(tx: SqlTransaction, dialog: NewDialog): Promise<string>;

  /**
   * Sends messages in the caller's transaction, in the order given; the far end applies them in the order of the commits.
   * Senders on one dialog wait for each other's commit. Throws `DialogNotOpen`.
   */
  abstract send(
    tx: SqlTransaction,
    dialog: DialogReference,
    messages: DialogMessage | readonly DialogMessage[],
  ): Promise<void>;

  /**
   * Says that this end sends no more. The far end learns of it after everything sent before, and can then send no more
   * either; what it had sent by then still arrives here. Ending twice is harmless.
   */
  abstract end(tx: SqlTransaction, dialog: DialogReference): Promise<void>;

  /** As `end`, telling the far end why. */
  abstract endWithError(tx: SqlTransaction, dialog: DialogReference, reason: string): Promise<void>;
}
