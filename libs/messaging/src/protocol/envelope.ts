import type { DialogHeader } from './dialog/index.js';

/** What may stand in a message body: JSON without numbers that stand for money (those are decimal strings). */
export type JsonValue = null | boolean | number | string | readonly JsonValue[] | { readonly [key: string]: JsonValue };

/** What travels on a channel. Everything that a receiver needs; nothing is looked up at the sender. */
export interface Envelope {
  /** UUIDv7; the identity that the inbox remembers. The same on every re-send. */
  readonly messageId: string;
  /** Conversation that the message belongs to. */
  readonly dialogId: string;
  /** Position within the sender's side of the dialog, from 1 without gaps. */
  readonly sequence: number;
  /**
   * `message` is kept at the source until answered; `express` lives in memory only; `answer` and `express-answer` come back;
   * `retention` and `retention-answer` let the target forget what it has applied; `acknowledgement` tells an initiator which
   * broker has a message that it must confirm, `refusal` tells a broker that it is not the one.
   */
  readonly grade:
    | 'message'
    | 'answer'
    | 'express'
    | 'express-answer'
    | 'retention'
    | 'retention-answer'
    | 'acknowledgement'
    | 'refusal';
  /** Of a message that belongs to a dialog with endpoints; without it, the message is a dialog of its own. */
  readonly dialog?: DialogHeader;
  readonly type: string;
  /** Version of the body's schema, from 1. */
  readonly version: number;
  readonly fromService: string;
  /** Broker instance (database) that the message comes from. */
  readonly fromBroker: string;
  readonly toService: string;
  /** Broker instance that it is meant for; another one drops it. Null: any that has the service. */
  readonly toBroker: string | null;
  /** Queue on which answers are read. */
  readonly replyTo: string;
  /** For answers: the message that is answered. */
  readonly inReplyTo?: string;
  /** ISO 8601, UTC; of the first sending. */
  readonly sentAt: string;
  /** On a copy that is sent again: which attempt it is (from 2), and when it was made (ISO 8601, UTC). */
  readonly again?: { readonly attempt: number; readonly at: string };
  /** W3C trace context of what sent it; an answer has that of its message. */
  readonly traceparent?: string;
  readonly body: JsonValue;
}
