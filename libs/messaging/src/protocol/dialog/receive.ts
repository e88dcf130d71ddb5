import { isPositiveInteger } from '../bundle.js';
import type { JsonValue } from '../envelope.js';
import { type DialogSide, type Endpoint, FRESH, isEnding } from './endpoint.js';

/** What of a message on a dialog decides what becomes of it. */
export interface Arrival {
  readonly dialogId: string;
  /** Of the sender. */
  readonly side: DialogSide;
  readonly fromService: string;
  readonly fromBroker: string;
  readonly toService: string;
  readonly sequence: number;
  readonly locked: boolean;
  readonly type: string;
}

export type Verdict =
  /** Apply it now; the endpoint has been moved on. */
  | { readonly kind: 'apply' }
  /** Keep it: something before it is missing. */
  | { readonly kind: 'park'; readonly reason: 'gap' }
  /** Keep it, run nothing, and send an acknowledgement with this broker's name: the initiator has to confirm it. */
  | { readonly kind: 'park'; readonly reason: 'unconfirmed' }
  /** Was applied before: send the stored answer. */
  | { readonly kind: 'repeat' }
  /** Has no business here: another broker's copy of the dialog, an unknown dialog, or a message after the end. */
  | { readonly kind: 'drop'; readonly reason: 'unknown-dialog' | 'other-broker' | 'after-end' };

export interface Received {
  /** As it is to be kept; null where there is none. */
  readonly endpoint: Endpoint | null;
  readonly verdict: Verdict;
}

/**
 * A message on a dialog has arrived and is not known to the inbox. `endpoint` is the receiver's, null where it has none:
 * a target makes one with the first message that it sees, whatever its number.
 */
export function receive(endpoint: Endpoint | null, arrival: Arrival): Received {
  const known = endpoint ?? firstSight(arrival);
  if (known === null) return { endpoint, verdict: { kind: 'drop', reason: 'unknown-dialog' } };
  if (known.farBroker !== arrival.fromBroker) return { endpoint, verdict: { kind: 'drop', reason: 'other-broker' } };
  const confirmed = { ...known, confirmed: known.confirmed || arrival.locked };
  if (!confirmed.confirmed) return { endpoint: confirmed, verdict: { kind: 'park', reason: 'unconfirmed' } };
  return inSequence(confirmed, arrival);
}

function inSequence(endpoint: Endpoint, { sequence, type }: Arrival): Received {
  if (sequence < endpoint.nextReceiveSequence) return { endpoint, verdict: { kind: 'repeat' } };
  if (endpoint.ended) return { endpoint, verdict: { kind: 'drop', reason: 'after-end' } };
  if (sequence > endpoint.nextReceiveSequence) return { endpoint, verdict: { kind: 'park', reason: 'gap' } };
  return { endpoint: passed(endpoint, type), verdict: { kind: 'apply' } };
}

/** The endpoint after the message that was next, of type `type`. */
function passed(endpoint: Endpoint, type: string): Endpoint {
  const { nextReceiveSequence: sequence, farLastSequence } = endpoint;
  const ended = isEnding(type) || sequence === farLastSequence;
  return {
    ...endpoint,
    nextReceiveSequence: sequence + 1,
    farLastSequence: isEnding(type) ? sequence : farLastSequence,
    ended,
  };
}

/** Only a target may meet a dialog that it does not know. */
function firstSight({ dialogId, side, fromService, fromBroker, toService, locked }: Arrival): Endpoint | null {
  if (side === 'target') return null;
  return {
    ...FRESH,
    dialogId,
    side: 'target',
    service: toService,
    farService: fromService,
    farBroker: fromBroker,
    confirmed: locked,
  };
}

/** The answer to an end: how many messages the end that answers has sent in all. */
export interface EndAnswer {
  readonly sent: number;
}

/** Of the endpoint as it is when the end has been applied, the end's handler included. */
export const answerToEnd = ({ nextSendSequence }: Pick<Endpoint, 'nextSendSequence'>): EndAnswer => ({
  sent: nextSendSequence - 1,
});

/** Reads the answer to an end; what is none counts as "nothing was sent". */
export function readEndAnswer(body: JsonValue): EndAnswer {
  const sent = (body as { readonly sent?: unknown } | null)?.sent;
  return { sent: isPositiveInteger(sent) ? sent : 0 };
}

/** This end's own end has been answered: the dialog is over here once everything of the far end has been applied. */
export function endAnswered(endpoint: Endpoint, { sent }: EndAnswer): Endpoint {
  if (endpoint.ended) return endpoint;
  return { ...endpoint, farLastSequence: sent, ended: endpoint.nextReceiveSequence > sent };
}
