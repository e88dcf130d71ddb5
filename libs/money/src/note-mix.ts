import { minorUnits, type MinorUnits } from './minor-units.js';

/** A number of notes of one denomination; the denomination is in minor units (a fifty is `5000`). */
export interface Notes {
  readonly denomination: number;
  readonly count: number;
}

/** Most notes that a dispenser presents at once. */
export const NOTES_MAX = 100;

/**
 * The fewest notes that make up `amount` from what the cassettes hold, largest denomination first; null where it
 * cannot be made. Exact (dynamic programming over the greatest common divisor of the denominations), so 60 from
 * a 50 and three 20s is found where a greedy choice is not.
 */
export function noteMix(amount: MinorUnits, cassettes: readonly Notes[]): Notes[] | null {
  const stocked = cassettes.filter(({ count }) => count > 0).sort((a, b) => b.denomination - a.denomination);
  if (amount <= 0n || stocked.length === 0) return null;
  const unit = stocked.map(({ denomination }) => denomination).reduce(greatestCommonDivisor);
  const largest = stocked[0]?.denomination ?? 0;
  if (amount % BigInt(unit) !== 0n || amount > BigInt(largest) * BigInt(NOTES_MAX)) return null;
  return fewestNotes(Number(amount) / unit, stocked, unit);
}

/** Sum of the notes. */
export function totalOf(notes: readonly Notes[]): MinorUnits {
  return minorUnits(notes.reduce((sum, { denomination, count }) => sum + BigInt(denomination) * BigInt(count), 0n));
}

/**
 * `fewest[a]` is the least number of notes that makes `a` units with the denominations seen so far; `used[d][a]`
 * how many of denomination `d` that takes. Bounded by NOTES_MAX notes of the largest denomination.
 */
function fewestNotes(target: number, stocked: readonly Notes[], unit: number): Notes[] | null {
  let fewest = new Array<number>(target + 1).fill(Infinity);
  fewest[0] = 0;
  const used: number[][] = [];
  for (const { denomination, count } of stocked) {
    const size = denomination / unit;
    const next = new Array<number>(target + 1).fill(Infinity);
    const taken = new Array<number>(target + 1).fill(0);
    for (let sum = 0; sum <= target; sum++) {
      const most = Math.min(count, Math.floor(sum / size));
      for (let k = 0; k <= most; k++) {
        const notes = (fewest[sum - k * size] ?? Infinity) + k;
        if (notes < (next[sum] ?? Infinity)) {
          next[sum] = notes;
          taken[sum] = k;
        }
      }
    }
    fewest = next;
    used.push(taken);
  }
  if ((fewest[target] ?? Infinity) > NOTES_MAX) return null;
  return readBack(target, stocked, unit, used);
}

function readBack(target: number, stocked: readonly Notes[], unit: number, used: readonly number[][]): Notes[] {
  const mix: Notes[] = [];
  let rest = target;
  for (let index = stocked.length - 1; index >= 0; index--) {
    const denomination = stocked[index]?.denomination ?? 0;
    const count = used[index]?.[rest] ?? 0;
    if (count > 0) mix.unshift({ denomination, count });
    rest -= (count * denomination) / unit;
  }
  return mix;
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
