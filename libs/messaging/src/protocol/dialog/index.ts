/**
 * Dialogs as pure state machines: (endpoint, event) → endpoint and what to do. No I/O, no clock, no ids made here.
 *
 * To drive them, keep per broker: endpoints by (dialogId, side), the transmission queue, the inbox (processed ids with
 * answers) and the parked messages. Everything that one event changes commits at once; what it sends leaves after that and
 * may get lost. Every message stays in its sender's transmission queue until answered, and is sent again until then, with
 * the header (`headerOf`) and the broker that its endpoint has at that moment.
 *
 * - Application begins, sends, ends: `begun`; `send` numbers the message (an end is a message of type `DIALOG_END` or
 *   `DIALOG_ERROR`). To a `farBroker` of null it goes where the routes lead at the time of each attempt.
 * - A message arrives. Known to the inbox: send the stored answer. Else `receive`, and by its verdict: `apply` (handler,
 *   inbox row, answer; an end is answered with `answerToEnd` of the endpoint after its handler), `park` under its id
 *   (`unconfirmed`: also send an acknowledgement that carries the own broker), `repeat`, `drop`. After an apply, parked
 *   messages of the dialog that have become next arrive again, each in a transaction of its own.
 * - An acknowledgement arrives at the initiator: `acknowledged` (`lock`: send the dialog's first unanswered message again at
 *   once, locked, which confirms all that is parked; `refuse`: send a refusal to the broker that it came from).
 * - A refusal arrives at a target: where `isForgotten`, delete the endpoint and what it has parked.
 * - The answer to an end arrives: `endAnswered`.
 * - Timers: re-send what is unanswered; acknowledge again what is parked as `unconfirmed` for long, since the confirmation
 *   or the refusal may have been lost.
 */
import * as endpoint from './endpoint.js';
import * as handshake from './handshake.js';
import * as receiving from './receive.js';

export { DIALOG_END, DIALOG_ERROR, headerOf, isEnding, stateOf } from './endpoint.js';
export type { DialogHeader, DialogSide, DialogState, Endpoint, Sending } from './endpoint.js';
export { readEndAnswer } from './receive.js';
export type { Acknowledged } from './handshake.js';
export type { Arrival, EndAnswer, Received, Verdict } from './receive.js';

/** The protocol as one value, so that a test can put a broken part in its place. */
export const DIALOG_PROTOCOL = {
  begun: endpoint.begun,
  send: endpoint.send,
  receive: receiving.receive,
  answerToEnd: receiving.answerToEnd,
  endAnswered: receiving.endAnswered,
  acknowledged: handshake.acknowledged,
  isForgotten: handshake.isForgotten,
} as const;

export type DialogProtocol = typeof DIALOG_PROTOCOL;
