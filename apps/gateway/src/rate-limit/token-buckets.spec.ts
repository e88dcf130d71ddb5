import { describe, expect, it } from '@jest/globals';
import { TokenBuckets } from './token-buckets.js';

describe('TokenBuckets', () => {
  it('grants the burst, then the rate, and says how long to wait', () => {
    const buckets = new TokenBuckets(10, 3);
    expect([0, 0, 0].map((now) => buckets.take('a', now))).toEqual([0, 0, 0]);
    expect(buckets.take('a', 0)).toBeCloseTo(0.1);
    expect(buckets.take('a', 50)).toBeCloseTo(0.05);
    expect(buckets.take('a', 100)).toBe(0);
    expect(buckets.take('a', 100)).toBeGreaterThan(0);
  });

  it('never saves up more than the burst', () => {
    const buckets = new TokenBuckets(10, 3);
    buckets.take('a', 0);
    const granted = Array.from({ length: 10 }, () => buckets.take('a', 3_600_000)).filter((wait) => wait === 0);
    expect(granted).toHaveLength(3);
  });

  it('keeps subjects apart', () => {
    const buckets = new TokenBuckets(1, 1);
    expect(buckets.take('a', 0)).toBe(0);
    expect(buckets.take('b', 0)).toBe(0);
    expect(buckets.take('a', 0)).toBeGreaterThan(0);
  });

  it('tells the wait without taking a token', () => {
    const buckets = new TokenBuckets(1, 1);
    expect([buckets.wait('a', 0), buckets.wait('a', 0)]).toEqual([0, 0]);
    buckets.take('a', 0);
    expect(buckets.wait('a', 500)).toBeCloseTo(0.5);
    expect(buckets.wait('a', 1_000)).toBe(0);
  });

  it('forgets the oldest subject when there are too many', () => {
    const buckets = new TokenBuckets(1, 1, 2);
    for (const subject of ['a', 'b', 'c']) buckets.take(subject, 0);
    expect(buckets.take('b', 0)).toBeGreaterThan(0);
    expect(buckets.take('a', 0)).toBe(0);
  });
});
