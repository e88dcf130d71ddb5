import { describe, expect, it } from '@jest/globals';
import type { FailoverTime } from './measure.js';
import { failoverTable, isWithin } from './table.js';

const time = (
  roundsMs: number[],
  failedCalls = 0,
  measure: FailoverTime['measure'] = 'added-latency',
): FailoverTime => ({
  ...{ what: 'gateway killed', measure, limitMs: 1_000, roundsMs, failedCalls },
});

describe('failover times', () => {
  it('are judged by the worst round, and by calls that failed', () => {
    expect(isWithin(time([10, 999]))).toBe(true);
    expect(isWithin(time([10, 1_000]))).toBe(false);
    expect(isWithin(time([10], 1))).toBe(false);
    expect(isWithin(time([10], 1, 'writes-again'))).toBe(true);
  });

  it('are told as worst and median', () => {
    expect(failoverTable([time([10, 20, 700])], 'a bank')).toMatch(/✓ gateway killed +0\.70 s +0\.02 s +1\.00 s +0/);
  });
});
