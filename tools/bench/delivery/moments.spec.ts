import { describe, expect, it } from '@jest/globals';
import { rateOf } from './measure-delivery.js';
import { MomentLog } from './moments.js';

describe('the log of moments', () => {
  it('keeps the first moment of each transfer, in the order of their numbers', () => {
    const log = new MomentLog();
    expect([log.note(2, 30), log.note(0, 10), log.note(2, 99)]).toEqual([true, true, false]);
    expect(log.from(0)).toEqual({ first: 0, at: Float64Array.of(10, NaN, 30) });
    expect(log.from(2)).toEqual({ first: 2, at: Float64Array.of(30) });
  });

  it('grows', () => {
    const log = new MomentLog();
    log.note(1_000_000, 7);
    expect(log.from(1_000_000).at).toEqual(Float64Array.of(7));
  });
});

describe('a rate', () => {
  it('is of what happened within the time after the first', () => {
    const at = Float64Array.of(5_900, NaN, 5_000, 6_000, 5_100);
    expect(rateOf({ at }, 1)).toBe(3);
    expect(rateOf({ at: new Float64Array() }, 1)).toBe(0);
  });
});
