/** Which end of a dialog: the one that began it, or the one that it was begun with. */
export type DialogSide = 'initiator' | 'target';

/** Types of the two messages that end a dialog; applications cannot send them by themselves. */
export const DIALOG_END = 'messaging.end';
export const DIALOG_ERROR = 'messaging.error';

/** Whether a message of this type ends its dialog. */
export const isEnding = (type: string) => type === DIALOG_END || type === DIALOG_ERROR;

/**
 * One end of a dialog as its broker knows it. What sending changes and what receiving changes are different fields, so
 * that a handler may send on the dialog whose message it is handling. All numbers count messages, from 1 without gaps.
 */
export interface Endpoint {
  readonly dialogId: string;
  readonly side: DialogSide;
  /** The service at this end. */
  readonly service: string;
  readonly farService: string;
  /** Null at an initiator that named no broker, until the first acknowledgement locks it. Never changes afterwards. */
  readonly farBroker: string | null;
  /** False at a target until a message says that the initiator has locked the dialog to this broker. */
  readonly confirmed: boolean;
  /** What the next message sent from here gets. */
  readonly nextSendSequence: number;
  /** This end has sent its last message, which says so. */
  readonly endSent: boolean;
  /** The only number that is applied next. */
  readonly nextReceiveSequence: number;
  /** How many messages the far end sent in all, once it is known. */
  readonly farLastSequence: number | null;
  /** Nothing more will be received, and nothing may be sent. */
  readonly ended: boolean;
}

/**
 * `unconfirmed`: a target that may not be the chosen one; it must do nothing that anybody could notice.
 * `open`: both may send. `ending`: this end has sent its end, and still takes what the far end sent before it knew.
 * `ended`: everything of the far end has been applied.
 */
export type DialogState = 'unconfirmed' | 'open' | 'ending' | 'ended';

export function stateOf({ confirmed, endSent, ended }: Endpoint): DialogState {
  if (ended) return 'ended';
  if (!confirmed) return 'unconfirmed';
  return endSent ? 'ending' : 'open';
}

/** The end at which a dialog begins. A broker that is given is locked from the start, and needs no handshake. */
export function begun(
  dialog: Pick<Endpoint, 'dialogId' | 'service' | 'farService'> & { readonly toBroker: string | null },
): Endpoint {
  const { dialogId, service, farService, toBroker } = dialog;
  return { ...FRESH, dialogId, side: 'initiator', service, farService, farBroker: toBroker, confirmed: true };
}

/** What an endpoint is before anything was sent or received. */
export const FRESH = {
  nextSendSequence: 1,
  endSent: false,
  nextReceiveSequence: 1,
  farLastSequence: null,
  ended: false,
} as const satisfies Partial<Endpoint>;

/** What a message says of its dialog's ends. */
export interface DialogHeader {
  /** The end that sends it. */
  readonly side: DialogSide;
  /**
   * Whether its broker is settled: named by the application, or locked by the first acknowledgement. A broker that was
   * only chosen (by hash, or by whoever read the queue first) must not apply it.
   */
  readonly locked: boolean;
}

export const headerOf = ({ side, farBroker }: Pick<Endpoint, 'side' | 'farBroker'>): DialogHeader => ({
  side,
  locked: farBroker !== null,
});

export type Sending =
  | { readonly outcome: 'sent'; readonly endpoint: Endpoint; readonly sequence: number }
  /** The dialog is over, on this end's or the far end's word, or not yet confirmed. */
  | { readonly outcome: 'not-open' };

/** Numbers the next message of type `type`; one that ends the dialog is the last. */
export function send(endpoint: Endpoint, type: string): Sending {
  if (stateOf(endpoint) !== 'open') return { outcome: 'not-open' };
  const sequence = endpoint.nextSendSequence;
  const next = { ...endpoint, nextSendSequence: sequence + 1, endSent: isEnding(type) };
  return { outcome: 'sent', endpoint: next, sequence };
}
