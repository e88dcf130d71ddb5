import { describe, expect, it } from '@jest/globals';
import type { Operation } from '../load/operation.js';
import { episodesOf, recoveryMs } from './recovery.js';

const operation = (...calls: (readonly [beganAtMs: number, endedAtMs: number, status: number | null])[]) =>
  ({
    calls: calls.map(([beganAtMs, endedAtMs, status]) => ({
      ...{ beganAtMs, endedAtMs, status, gateway: '', servedBy: '', replayed: false, retries: 0 },
    })),
  }) as unknown as Operation;

describe('the time that the bank needs to recover', () => {
  it('is nothing where every call was answered in time, refusals included', () => {
    const operations = [operation([0, 10, 200]), operation([20, 900, 409])];
    expect(episodesOf(operations)).toEqual([]);
    expect(recoveryMs(episodesOf(operations), { beganAtMs: 0, endedAtMs: 1_000 })).toBe(0);
  });

  it('lasts from the first disturbed call to the last one that follows within a second', () => {
    const operations = [
      operation([100, 150, 503], [400, 600, 503], [1_500, 1_510, 201]),
      operation([500, 1_600, 200]),
      operation([9_000, 9_001, null]),
    ];
    const episodes = episodesOf(operations);
    expect(episodes).toEqual([
      { beganAtMs: 100, endedAtMs: 1_600 },
      { beganAtMs: 9_000, endedAtMs: 9_001 },
    ]);
    expect(recoveryMs(episodes, { beganAtMs: 50, endedAtMs: 5_000 })).toBe(1_500);
    expect(recoveryMs(episodes, { beganAtMs: 5_000, endedAtMs: 8_500 })).toBe(1);
    expect(recoveryMs(episodes, { beganAtMs: 3_000, endedAtMs: 4_000 })).toBe(0);
  });
});
