import { describe, expect, it } from '@jest/globals';
import { FAILURE_POLICY, retryDelayMs } from './failures.js';

const policy = { ...FAILURE_POLICY, attemptsMax: 4, backoffBaseMs: 100, backoffCapMs: 300 };

describe('the wait after a failed attempt', () => {
  it('doubles up to its cap, and ends with the last attempt', () => {
    expect([1, 2, 3, 4, 5].map((attempts) => retryDelayMs(policy, attempts, 0.5))).toEqual([100, 200, 300, null, null]);
  });

  it('is jittered by a fifth either way', () => {
    expect([0, 1].map((chance) => retryDelayMs(policy, 1, chance))).toEqual([80, 120]);
  });

  it('gives whatever a handler needs minutes to come back, by default', () => {
    const waits = Array.from({ length: FAILURE_POLICY.attemptsMax - 1 }, (_, index) =>
      Number(retryDelayMs(FAILURE_POLICY, index + 1, 0.5)),
    );
    const totalMs = waits.reduce((sum, wait) => sum + wait, 0);
    expect(totalMs).toBeGreaterThan(3 * 60_000);
    expect(totalMs).toBeLessThan(5 * 60_000);
  });
});
