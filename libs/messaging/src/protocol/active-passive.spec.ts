import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  allUp,
  dueForProbe,
  inUse,
  isUp,
  observed,
  PROBE_DOWN_MS,
  PROBE_DOWN_MS_MAX,
  rotated,
  sendOrder,
  STEADY_MS,
  untilProbeMs,
} from './active-passive.js';

const CHANNELS = ['active', 'passive', 'third'].map((name) => ({ name, idleProbeMs: 5_000 }));

describe('active/passive', () => {
  it('uses the active one, the next one while it is down, and the active one again', () => {
    const start = allUp(CHANNELS, 0);
    expect(inUse(start)).toBe('active');
    const failed = observed(start, 'active', false, 10);
    expect(sendOrder(failed)).toEqual(['passive', 'third']);
    expect(inUse(observed(failed, 'active', true, 20))).toBe('active');
  });

  it('sends nowhere where no channel is up', () => {
    const down = CHANNELS.reduce((state, { name }) => observed(state, name, false, 1), allUp(CHANNELS, 0));
    expect(sendOrder(down)).toEqual([]);
    expect(inUse(down)).toBeNull();
  });

  it('probes soon what is down, and what is up only after it has been silent for long', () => {
    const state = observed(allUp(CHANNELS, 0), 'active', false, 0);
    expect(dueForProbe(state, PROBE_DOWN_MS - 1)).toEqual([]);
    expect(dueForProbe(state, PROBE_DOWN_MS)).toEqual(['active']);
    expect(dueForProbe(state, 5_000)).toEqual(['active', 'passive', 'third']);
    expect(untilProbeMs(state, 0)).toBe(PROBE_DOWN_MS);
    expect(untilProbeMs(observed(state, 'active', true, 2_000), 2_000)).toBe(3_000);
  });

  it('probes ever more seldom what does not stay up, until it does', () => {
    let state = allUp(CHANNELS, 0);
    let now = 0;
    const waits: number[] = [];
    for (let relapse = 0; relapse < 8; relapse++) {
      state = observed(state, 'active', false, now);
      const wentDownAt = now;
      while (!dueForProbe(state, now).includes('active')) now += 100;
      waits.push(now - wentDownAt);
      state = observed(state, 'active', true, now);
    }
    expect(waits).toEqual([1, 2, 4, 8, 16, 16, 16, 16].map((factor) => factor * PROBE_DOWN_MS));
    expect(Math.max(...waits)).toBe(PROBE_DOWN_MS_MAX);
    state = observed(state, 'active', false, now + STEADY_MS);
    expect(dueForProbe(state, now + STEADY_MS + PROBE_DOWN_MS)).toContain('active');
  });

  it('never sends on a channel last seen failing, and prefers the first that works, after any history', () => {
    const events = fc.array(fc.record({ name: fc.constantFrom('active', 'passive', 'third'), up: fc.boolean() }));
    fc.assert(
      fc.property(events, (history) => {
        const last = new Map(CHANNELS.map(({ name }) => [name, true]));
        let state = allUp(CHANNELS, 0);
        history.forEach(({ name, up }, now) => {
          state = observed(state, name, up, now);
          last.set(name, up);
        });
        const expected = CHANNELS.map(({ name }) => name).filter((name) => last.get(name));
        expect(sendOrder(state)).toEqual(expected);
        expect(expected.every((name) => isUp(state, name))).toBe(true);
      }),
    );
  });
});

describe('active/active', () => {
  it('spreads evenly over the channels that are up', () => {
    const state = observed(allUp(CHANNELS, 0), 'passive', false, 1);
    const firsts = Array.from({ length: 10 }, (_, turn) => sendOrder(state, 'active-active', turn)[0]);
    expect(firsts.filter((name) => name === 'active')).toHaveLength(5);
    expect(firsts.filter((name) => name === 'third')).toHaveLength(5);
  });

  it('tries all that are up, each once, whichever comes first', () => {
    fc.assert(
      fc.property(fc.nat(1_000), (turn) => {
        expect([...sendOrder(allUp(CHANNELS, 0), 'active-active', turn)].sort()).toEqual([
          'active',
          'passive',
          'third',
        ]);
      }),
    );
    expect(rotated([], 3)).toEqual([]);
  });
});
