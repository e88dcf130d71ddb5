import { describe, expect, it } from '@jest/globals';
import { isEmpty, nearestAmounts, notesFor, quickAmounts, typedAmount, withDigit, worthOf } from './amounts.js';

const FULL = [10_000, 5_000, 2_000, 1_000].map((denomination) => ({ denomination, count: 100 }));

describe('amounts on the screen', () => {
  it('are typed in whole units, without leading zeros, up to six digits', () => {
    expect(['0', '1', '0', '0', '0', '0', '0', '0'].reduce(withDigit, '')).toBe('100000');
    expect(typedAmount('180')).toBe(18_000);
    expect(typedAmount('')).toBe(0);
  });

  it('show the notes that the machine would give, or that it cannot', () => {
    expect(notesFor(18_000, FULL)).toEqual([
      { denomination: 10_000, count: 1 },
      { denomination: 5_000, count: 1 },
      { denomination: 2_000, count: 1 },
      { denomination: 1_000, count: 1 },
    ]);
    expect(notesFor(1_500, FULL)).toBeNull();
    expect(notesFor(1_500, null)).toEqual([]);
  });

  it('are offered only where machine and account allow them', () => {
    expect(quickAmounts(FULL, null)).toEqual([2_000, 5_000, 10_000, 20_000, 30_000, 50_000]);
    expect(quickAmounts(FULL, 5_000)).toEqual([2_000, 5_000]);
    expect(quickAmounts([{ denomination: 5_000, count: 4 }], null)).toEqual([5_000, 10_000, 20_000]);
  });

  it('are none where all cassettes are known to be empty', () => {
    expect(isEmpty([{ denomination: 5_000, count: 0 }])).toBe(true);
    expect(isEmpty([])).toBe(true);
    expect(isEmpty(FULL)).toBe(false);
    expect(isEmpty(null)).toBe(false);
  });

  it('that are not possible have possible neighbours', () => {
    expect(nearestAmounts(1_500, FULL)).toEqual([1_000, 2_000]);
    expect(nearestAmounts(7_000, [{ denomination: 5_000, count: 1 }])).toEqual([5_000]);
    expect(nearestAmounts(7_000, [])).toEqual([]);
    expect(worthOf([{ denomination: 5_000, count: 3 }])).toBe(15_000);
  });
});
