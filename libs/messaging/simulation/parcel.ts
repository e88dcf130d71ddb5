import type { Arrival } from '../src/protocol/dialog/index.js';

/** A message as it travels. */
export interface MessageParcel extends Omit<Arrival, 'side'> {
  readonly kind: 'message';
  readonly messageId: string;
  /** The sender's end; null where the message is a dialog of its own and has no endpoints. */
  readonly side: Arrival['side'] | null;
  /** Null where whoever reads it first is meant. */
  readonly toBroker: string | null;
  /** When this copy was made, by the clock of its source. */
  readonly madeAt: number;
  readonly body: string;
}

/** The same on a dialog with endpoints. */
export type DialogParcel = MessageParcel & Arrival;

/** Everything that travels. Who it is for and who sent it are broker instances. */
export type Parcel =
  | MessageParcel
  | {
      readonly kind: 'answer';
      readonly inReplyTo: string;
      readonly fromBroker: string;
      readonly toBroker: string;
      readonly body: string;
    }
  | {
      readonly kind: 'acknowledgement' | 'refusal';
      readonly dialogId: string;
      readonly fromBroker: string;
      readonly toBroker: string;
    }
  | { readonly kind: 'retention'; readonly questionId: string; readonly fromBroker: string; readonly toBroker: string }
  | {
      readonly kind: 'retention-answer';
      readonly inReplyTo: string;
      readonly fromBroker: string;
      readonly toBroker: string;
      readonly kept: readonly string[];
    }
  | {
      readonly kind: 'express';
      readonly messageId: string;
      readonly replyTo: string;
      readonly fromBroker: string;
      readonly toBroker: string;
    }
  | {
      readonly kind: 'express-answer';
      readonly inReplyTo: string;
      readonly fromBroker: string;
      readonly toBroker: string;
      readonly body: string;
    };

/** A parcel and the queue that it is put on. */
export interface Posting {
  readonly queue: string;
  readonly parcel: Parcel;
}

/** One line of a trace. */
export function described(parcel: Parcel): string {
  const way = `${parcel.fromBroker}→${parcel.toBroker ?? '?'}`;
  switch (parcel.kind) {
    case 'message': {
      const { dialogId, side, sequence, type, locked, body } = parcel;
      const place = side === null ? 'alone' : `${short(dialogId)}/${side} #${sequence}${locked ? '' : ' not locked'}`;
      return `${type} ${body} (${place}) ${way}`;
    }
    case 'answer':
      return `answer "${parcel.body}" to ${short(parcel.inReplyTo)} ${way}`;
    case 'acknowledgement':
    case 'refusal':
      return `${parcel.kind} of ${short(parcel.dialogId)} ${way}`;
    case 'retention':
      return `question what is kept ${way}`;
    case 'retention-answer':
      return `answer that ${parcel.kept.length} are kept ${way}`;
    case 'express':
      return `express ${short(parcel.messageId)} ${way}`;
    case 'express-answer':
      return `express answer to ${short(parcel.inReplyTo)} ${way}`;
  }
}

/** Enough of an id to tell it from the others of a history. */
export const short = (id: string) => id.slice(0, 4);
