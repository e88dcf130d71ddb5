import { minorUnits, noteMix, type MinorUnits, type Notes } from '#money';

/** What is left of `notes` once each of `gone` is taken away. Throws where more is gone than there was. */
export function without(notes: readonly Notes[], ...gone: readonly (readonly Notes[])[]): Notes[] {
  const counts = new Map(notes.map(({ denomination, count }) => [denomination, count]));
  for (const { denomination, count } of gone.flat()) {
    const left = (counts.get(denomination) ?? 0) - count;
    if (left < 0) throw new RangeError(`more notes of ${denomination} are gone than there were`);
    counts.set(denomination, left);
  }
  return [...counts].map(([denomination, count]) => ({ denomination, count })).filter(({ count }) => count > 0);
}

/** One line per denomination, largest first. */
export function merged(notes: readonly Notes[]): Notes[] {
  const counts = new Map<number, number>();
  for (const { denomination, count } of notes) counts.set(denomination, (counts.get(denomination) ?? 0) + count);
  return [...counts]
    .map(([denomination, count]) => ({ denomination, count }))
    .sort((a, b) => b.denomination - a.denomination);
}

/** How far around a wish other amounts are tried, in steps of the smallest note. */
const STEPS_MAX = 10;

/** The nearest amounts below and above `amount` that the cassettes can make up; none where there is none near. */
export function nearestAmounts(amount: MinorUnits, cassettes: readonly Notes[]): MinorUnits[] {
  const stocked = cassettes.filter(({ count }) => count > 0).map(({ denomination }) => BigInt(denomination));
  if (stocked.length === 0) return [];
  const step = stocked.reduce((least, denomination) => (denomination < least ? denomination : least));
  const floor = amount - (amount % step);
  const possible = (candidates: bigint[]) =>
    candidates.map((candidate) => minorUnits(candidate)).find((candidate) => noteMix(candidate, cassettes) !== null);
  const steps = Array.from({ length: STEPS_MAX }, (_, index) => BigInt(index) * step);
  const below = possible(steps.map((distance) => floor - distance).filter((candidate) => candidate < amount));
  const above = possible(steps.map((distance) => floor + step + distance));
  return [below, above].filter((candidate) => candidate !== undefined);
}
