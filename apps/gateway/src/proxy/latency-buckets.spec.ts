import { describe, expect, it } from '@jest/globals';
import { LatencyBuckets, quantileMs } from './latency-buckets.js';

describe('latency buckets', () => {
  it('give quantiles that are at most a fifth too long, and never too short', () => {
    const latency = new LatencyBuckets();
    for (let milliseconds = 1; milliseconds <= 1_000; milliseconds++) latency.observe(milliseconds);
    for (const share of [0.5, 0.95, 0.99]) {
      const found = quantileMs(latency.counts, share) ?? 0;
      expect(found).toBeGreaterThanOrEqual(share * 1_000);
      expect(found).toBeLessThanOrEqual(share * 1_000 * 1.21);
    }
  });

  it('take what is shorter than the first and longer than the last', () => {
    const latency = new LatencyBuckets();
    [0, 0.1, 10_000_000, NaN].forEach((milliseconds) => latency.observe(milliseconds));
    expect(latency.counts.reduce((sum, count) => sum + count, 0)).toBe(4);
    expect(quantileMs(latency.counts, 0.5)).toBe(0.5);
  });

  it('have no quantile of nothing', () => {
    expect(quantileMs(new LatencyBuckets().counts, 0.5)).toBeNull();
  });
});
