import { type EndpointKey, keyText } from '../ports/dialog-store.js';
import type { DialogProtocol, Endpoint, Verdict } from '../protocol/dialog/index.js';
import type { Envelope } from '../protocol/envelope.js';
import type { Arrived } from './arrived.js';
import type { HandlerOf } from './handlers.js';

/** The endpoint that a message on a dialog is for: the other end than the one that sends. */
export const targetKeyOf = ({ dialogId, dialog }: Envelope): EndpointKey => ({
  dialogId,
  side: dialog?.side === 'initiator' ? 'target' : 'initiator',
});

export interface Judged {
  readonly arrived: Arrived;
  readonly verdict: Verdict;
}

/** Lets messages of any number of dialogs through the protocol in sequence; `endpoints` is moved on as it goes. */
export function judge(
  protocol: DialogProtocol,
  endpoints: Map<string, Endpoint>,
  arrived: readonly Arrived[],
): Judged[] {
  const inSequence = [...arrived].sort((one, other) => one.envelope.sequence - other.envelope.sequence);
  return inSequence.map((one) => {
    const { envelope } = one;
    const key = keyText(targetKeyOf(envelope));
    const header = envelope.dialog ?? { side: 'initiator', locked: true };
    const { endpoint, verdict } = protocol.receive(endpoints.get(key) ?? null, { ...envelope, ...header });
    if (endpoint !== null) endpoints.set(key, endpoint);
    return { arrived: one, verdict };
  });
}

/**
 * Messages as calls of their handlers: as many as possible in one call, but never so that a message overtakes another of
 * its dialog.
 */
export function runsOf(ready: readonly Arrived[]): { handler: HandlerOf<'messages'>; arrived: Arrived[] }[] {
  const runs: { handler: HandlerOf<'messages'>; arrived: Arrived[] }[] = [];
  let left = ready;
  for (let first = left[0]; first !== undefined; first = left[0]) {
    const { handler } = first;
    const overtaken = new Set<string>();
    const isIn = (one: Arrived) => {
      const key = keyText(targetKeyOf(one.envelope));
      if (one.handler === handler && !overtaken.has(key)) return true;
      overtaken.add(key);
      return false;
    };
    const run = { handler, arrived: left.filter(isIn) };
    const taken = new Set(run.arrived);
    left = left.filter((one) => !taken.has(one));
    runs.push(run);
  }
  return runs;
}
