import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  adapted,
  ASLEEP,
  CALM_MS,
  GROW_AFTER_MS,
  ONE_REPLICA,
  type QueueLoad,
  type Readers,
  replicasNeeded,
  type ServiceLoad,
  SHRINK_AFTER_MS,
  wanted,
  woken,
} from './activation.js';

const LOOK_MS = 100;
const READERS_MAX = 8;

const load = (overrides: Partial<QueueLoad> = {}): QueueLoad => ({
  backlog: 0,
  handled: 0,
  busiest: 0,
  elapsedMs: LOOK_MS,
  ...overrides,
});

/** Feeds a queue whose readers each handle `perLook` bundles between two looks; answers the readers at every look. */
function drain(arriving: readonly number[], perLook: number): number[] {
  let state: Readers = ASLEEP;
  let waiting = 0;
  return arriving.map((come, look) => {
    waiting += come;
    if (waiting > 0) state = woken(state);
    const handled = Math.min(waiting, state.readers * perLook);
    const busiest = Math.min(state.readers, waiting);
    waiting -= handled;
    state = adapted(state, load({ backlog: waiting, handled, busiest }), READERS_MAX, look * LOOK_MS);
    return state.readers;
  });
}

describe('readers of a queue', () => {
  it('start with the first message, and one is enough while it keeps up', () => {
    expect(Math.max(...drain([1, 1, 1, 1, 1, 1], 2))).toBe(1);
  });

  it('double while the queue outgrows them, up to the limit', () => {
    expect(drain([1_000, 0, 0, 0, 0], 1)).toEqual([2, 4, 8, 8, 8]);
  });

  it('are more no sooner than a backlog that lasts', () => {
    const state = adapted(woken(ASLEEP), load({ backlog: 1, handled: 10, busiest: 1 }), READERS_MAX, 0);
    expect(state.readers).toBe(1);
  });

  it('end one after the other when there is nothing to do', () => {
    const readers = drain([100, ...Array.from({ length: 60 }, () => 0)], 5);
    expect(Math.max(...readers)).toBeGreaterThan(2);
    expect(readers.at(-1)).toBe(0);
  });

  it('stay through pauses shorter than the calm that ends them', () => {
    let state: Readers = { readers: 4, calmSince: null };
    for (let now = 0; now < 20 * CALM_MS; now += CALM_MS / 2) {
      const idle = (now / (CALM_MS / 2)) % 2 === 0;
      state = adapted(state, load({ busiest: idle ? 0 : 4, handled: idle ? 0 : 40 }), READERS_MAX, now);
    }
    expect(state.readers).toBe(4);
  });

  it('end where what waits is not given to them', () => {
    let state: Readers = { readers: 8, calmSince: null };
    for (let now = 0; now <= 5 * CALM_MS; now += LOOK_MS) state = adapted(state, load({ backlog: 50 }), 8, now);
    expect(state.readers).toBe(0);
  });

  it('are never more than the limit, and none before a message has come, whatever happens', () => {
    const loads = fc.array(
      fc.record({
        backlog: fc.nat(1_000),
        handled: fc.nat(100),
        busiest: fc.nat(20),
        elapsedMs: fc.integer({ min: 1, max: 5_000 }),
      }),
    );
    fc.assert(
      fc.property(loads, fc.integer({ min: 1, max: 32 }), fc.boolean(), (history, readersMax, wakes) => {
        let state = wakes ? woken(ASLEEP) : ASLEEP;
        let now = 0;
        for (const one of history) {
          state = adapted(state, one, readersMax, (now += one.elapsedMs));
          expect(state.readers).toBeLessThanOrEqual(wakes ? readersMax : 0);
        }
      }),
    );
  });

  it('always reach zero once nothing comes', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(200), { maxLength: 40 }), fc.integer({ min: 1, max: 20 }), (arriving, perLook) => {
        const quiet = Array.from({ length: 10_000 / perLook + 100 }, () => 0);
        expect(drain([...arriving, ...quiet], perLook).at(-1)).toBe(0);
      }),
    );
  });
});

const service = (overrides: Partial<ServiceLoad> = {}): ServiceLoad => ({
  replicas: 1,
  backlog: 0,
  drainedPerSecond: 0,
  busy: 0,
  ...overrides,
});

describe('replicas of a service', () => {
  it('are as many as clear the backlog in time', () => {
    expect(replicasNeeded(service({ backlog: 1_000, drainedPerSecond: 100, busy: 1 }))).toBe(5);
  });

  it('are as many as bear what comes without being busy all the time', () => {
    expect(replicasNeeded(service({ replicas: 3, busy: 0.9, drainedPerSecond: 100 }))).toBe(4);
    expect(replicasNeeded(service({ replicas: 3, busy: 0.1, drainedPerSecond: 10 }))).toBe(1);
  });

  it('do not change for a burst that is over soon', () => {
    const burst = service({ backlog: 1_000, drainedPerSecond: 10, busy: 1 });
    const grown = wanted(wanted(ONE_REPLICA, burst, 0), burst, GROW_AFTER_MS - 1);
    expect(grown.replicas).toBe(1);
    expect(wanted(grown, service(), GROW_AFTER_MS).replicas).toBe(1);
  });

  it('at most double at once, and come back half the way at a time', () => {
    const much = service({ replicas: 2, backlog: 10_000, drainedPerSecond: 10, busy: 1 });
    const grown = wanted(wanted({ ...ONE_REPLICA, replicas: 2 }, much, 0), much, GROW_AFTER_MS);
    expect(grown.replicas).toBe(4);
    const calm = wanted(grown, service({ replicas: 4 }), GROW_AFTER_MS + 1);
    expect(calm.replicas).toBe(4);
    expect(wanted(calm, service({ replicas: 4 }), GROW_AFTER_MS + 1 + SHRINK_AFTER_MS).replicas).toBe(2);
  });

  it('settle under a constant load: the number stops changing', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2_000 }), (perSecond) => {
        const each = 100;
        let state = ONE_REPLICA;
        let replicas = 1;
        let backlog = 0;
        const history: number[] = [];
        for (let now = 0; now < 600_000; now += 500) {
          const capacity = (replicas * each) / 2;
          const done = Math.min(backlog + perSecond / 2, capacity);
          backlog += perSecond / 2 - done;
          state = wanted(
            state,
            { replicas, backlog, drainedPerSecond: (done * 2) / replicas, busy: done / capacity },
            now,
          );
          replicas = state.replicas;
          history.push(replicas);
        }
        const settled = history.slice(-600);
        expect(new Set(settled).size).toBe(1);
        expect((settled[0] ?? 0) * each).toBeGreaterThanOrEqual(perSecond);
        expect(((settled[0] ?? 0) - 2) * each * 0.7).toBeLessThanOrEqual(perSecond);
      }),
      { numRuns: 50 },
    );
  });
});
