import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { minorUnits } from './minor-units.js';
import { noteMix, totalOf, type Notes } from './note-mix.js';

const full: Notes[] = [1000, 2000, 5000, 10_000].map((denomination) => ({ denomination, count: 25_000 }));
const mix = (amount: bigint, cassettes: Notes[] = full) => noteMix(minorUnits(amount), cassettes);

/** Every way of making the amount, tried one by one: the oracle for small cassettes. */
function fewestByTrying(amount: number, cassettes: readonly Notes[]): number | null {
  const [first, ...rest] = cassettes;
  if (first === undefined) return amount === 0 ? 0 : null;
  let best: number | null = null;
  for (let count = 0; count <= first.count && count * first.denomination <= amount; count++) {
    const others = fewestByTrying(amount - count * first.denomination, rest);
    if (others !== null && (best === null || others + count < best)) best = others + count;
  }
  return best;
}

describe('note mix', () => {
  it('takes the fewest notes', () => {
    expect(mix(28_000n)).toEqual([
      { denomination: 10_000, count: 2 },
      { denomination: 5000, count: 1 },
      { denomination: 2000, count: 1 },
      { denomination: 1000, count: 1 },
    ]);
  });

  it('finds 60 from three twenties where the greedy choice, a fifty first, has no ten left', () => {
    const cassettes = [
      { denomination: 2000, count: 5 },
      { denomination: 5000, count: 5 },
    ];
    expect(mix(6000n, cassettes)).toEqual([{ denomination: 2000, count: 3 }]);
  });

  it.each([0n, -1000n, 1n, 1500n, 999n])('cannot make %s', (amount) => {
    expect(mix(amount)).toBeNull();
  });

  it('cannot make more notes than a dispenser presents at once', () => {
    expect(mix(1_000_000n)).toEqual([{ denomination: 10_000, count: 100 }]);
    expect(mix(1_001_000n)).toBeNull();
  });

  it('never takes more than a cassette holds, and agrees with trying every way', () => {
    const cassettes = fc.record({ ten: fc.nat(4), twenty: fc.nat(4), fifty: fc.nat(4) });
    fc.assert(
      fc.property(cassettes, fc.nat(40), ({ ten, twenty, fifty }, tens) => {
        const stock = [
          { denomination: 1000, count: ten },
          { denomination: 2000, count: twenty },
          { denomination: 5000, count: fifty },
        ];
        const found = mix(BigInt(tens) * 1000n, stock);
        const expected = tens === 0 ? null : fewestByTrying(tens * 1000, stock);
        expect(found === null ? null : found.reduce((sum, { count }) => sum + count, 0)).toBe(expected);
        if (found !== null) expect(totalOf(found)).toBe(BigInt(tens) * 1000n);
        for (const { denomination, count } of found ?? []) {
          expect(count).toBeLessThanOrEqual(stock.find((one) => one.denomination === denomination)?.count ?? 0);
        }
      }),
    );
  });
});
