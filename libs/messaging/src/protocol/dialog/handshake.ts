import { type Endpoint, stateOf } from './endpoint.js';

export type Acknowledged =
  /** First acknowledgement: keep the endpoint, and send the dialog's first unanswered message again at once, now locked. */
  | { readonly kind: 'lock'; readonly endpoint: Endpoint }
  /** From the broker that it is locked to: nothing to do, ordinary re-sending confirms it. */
  | { readonly kind: 'known' }
  /** From another broker, or for a dialog that is not here (any more): tell it to forget the dialog. */
  | { readonly kind: 'refuse' };

/** A target has acknowledged a message that it has parked as `unconfirmed`. `endpoint` is the initiator's. */
export function acknowledged(endpoint: Endpoint | null, fromBroker: string): Acknowledged {
  if (endpoint?.farBroker === fromBroker) return { kind: 'known' };
  if (endpoint?.farBroker !== null) return { kind: 'refuse' };
  return { kind: 'lock', endpoint: { ...endpoint, farBroker: fromBroker } };
}

/**
 * The initiator has refused this target: forget the endpoint and all it has parked? Only where nothing was confirmed,
 * so that a mistaken refusal can never undo what was applied.
 */
export const isForgotten = (endpoint: Endpoint | null, fromBroker: string): boolean =>
  endpoint?.side === 'target' && stateOf(endpoint) === 'unconfirmed' && endpoint.farBroker === fromBroker;
