import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type ActivePassive, allUp, dueForProbe, inUse, observed, PROBE_DOWN_MS, sendOrder } from './active-passive.js';

const START: ActivePassive = allUp(
  [
    { name: 'active', idleProbeMs: 5_000 },
    { name: 'passive', idleProbeMs: 15_000 },
  ],
  0,
);

describe('active/passive policy', () => {
  it('uses the active channel as long as it is up', () => {
    expect(sendOrder(START)).toEqual(['active', 'passive']);
  });

  it('uses the passive channel from the first failure of the active one, and returns with its first success', () => {
    const failedOver = observed(START, 'active', false, 100);
    expect(sendOrder(failedOver)).toEqual(['passive']);
    expect(inUse(observed(failedOver, 'active', true, 1_100))).toBe('active');
  });

  it('tries nothing where everything is down, so that nobody waits', () => {
    const dark = observed(observed(START, 'active', false, 0), 'passive', false, 0);
    expect(sendOrder(dark)).toEqual([]);
    expect(inUse(dark)).toBeNull();
  });

  it('probes what is down every second, and what is unused as seldom as it asks for', () => {
    const failedOver = observed(START, 'active', false, 10_000);
    expect(dueForProbe(failedOver, 10_000 + PROBE_DOWN_MS - 1)).toEqual([]);
    expect(dueForProbe(failedOver, 10_000 + PROBE_DOWN_MS)).toEqual(['active']);
    expect(dueForProbe(failedOver, 15_000)).toEqual(['active', 'passive']);
  });

  it('never tries a channel whose last word was a failure, in whatever order things happen', () => {
    const events = fc.array(fc.record({ name: fc.constantFrom('active', 'passive'), up: fc.boolean() }));
    fc.assert(
      fc.property(events, (history) => {
        const state = history.reduce((before, { name, up }, at) => observed(before, name, up, at), START);
        for (const name of ['active', 'passive']) {
          const last = history.findLast((event) => event.name === name)?.up ?? true;
          expect(sendOrder(state).includes(name)).toBe(last);
        }
      }),
    );
  });
});
