import { describe, expect, it } from '@jest/globals';
import { median, medianOfRounds } from './median.js';

describe('median', () => {
  it('is the middle value, or the mean of the two in the middle', () => {
    expect(median([9, 1, 5])).toBe(5);
    expect(median([4, 1, 2, 3])).toBe(2.5);
    expect(median([])).toBeNaN();
  });

  it('of rounds is taken figure by figure, however deep', () => {
    const round = (perSecond: number, p50: number, gateway: number) => ({
      ...{ loop: 'closed', perSecond, answer: { p50 }, cost: { cpu: { gateway } as Record<string, number> | null } },
    });
    const rounds = [round(100, 3, 7), round(300, 1, 9), round(200, 2, 8)];
    expect(medianOfRounds(rounds)).toEqual(round(200, 2, 8));
  });

  it('of rounds takes figures that only some rounds have from those', () => {
    expect(medianOfRounds<Record<string, number>>([{ a: 1 }, { a: 3, b: 5 }])).toEqual({ a: 2, b: 5 });
    expect(medianOfRounds([{ cpu: null }, { cpu: null }])).toEqual({ cpu: null });
  });

  it('of no rounds is refused', () => {
    expect(() => medianOfRounds([])).toThrow('no rounds');
  });
});
