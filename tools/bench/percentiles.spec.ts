import { describe, expect, it } from '@jest/globals';
import { percentilesOf } from './percentiles.js';

describe('percentiles', () => {
  it('are those of the nearest rank, whatever the order', () => {
    const durations = Array.from({ length: 1_000 }, (_, index) => 1_000 - index);
    expect(percentilesOf(durations)).toEqual({ p50: 500, p99: 990, p999: 999, count: 1_000 });
  });

  it('of one are that one, and of none zero', () => {
    expect(percentilesOf([7])).toEqual({ p50: 7, p99: 7, p999: 7, count: 1 });
    expect(percentilesOf([])).toEqual({ p50: 0, p99: 0, p999: 0, count: 0 });
  });
});
