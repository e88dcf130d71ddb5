import { describe, expect, it } from '@jest/globals';
import { minorUnits } from '#money';
import { merged, nearestAmounts, without } from './notes.js';

const TENS = { denomination: 1_000, count: 5 };
const FIFTIES = { denomination: 5_000, count: 2 };

describe('notes', () => {
  it('are subtracted per denomination, and never below none', () => {
    expect(without([FIFTIES, TENS], [{ denomination: 5_000, count: 2 }], [{ denomination: 1_000, count: 1 }])).toEqual([
      { denomination: 1_000, count: 4 },
    ]);
    expect(() => without([TENS], [FIFTIES])).toThrow(RangeError);
  });

  it('are merged per denomination, largest first', () => {
    expect(merged([TENS, FIFTIES, TENS])).toEqual([FIFTIES, { denomination: 1_000, count: 10 }]);
  });

  it('that make up no amount wished for make up its neighbours', () => {
    const near = (amount: bigint, ...cassettes: { denomination: number; count: number }[]) =>
      nearestAmounts(minorUnits(amount), cassettes);
    expect(near(1_500n, TENS)).toEqual([1_000n, 2_000n]);
    expect(near(500n, TENS)).toEqual([1_000n]);
    expect(near(7_000n, FIFTIES)).toEqual([5_000n, 10_000n]);
    expect(near(6_000n, TENS)).toEqual([5_000n]);
    expect(near(6_000n, { ...TENS, count: 0 })).toEqual([]);
  });
});
