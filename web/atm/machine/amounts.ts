import { minorUnitsFromNumber, noteMix, totalOf, toNumber, type Notes } from '#money';

/** Offered with one press, minor units; those that the machine cannot give, or the account does not have, are left out. */
const QUICK_AMOUNTS: readonly number[] = [2_000, 5_000, 10_000, 20_000, 30_000, 50_000];

/** Most digits that an amount in whole units may have; ten million is the contract's limit. */
const DIGITS_MAX = 6;

const MINOR_PER_MAJOR = 100;

/** What was typed, in minor units: people type whole units, since there are no smaller notes. */
export function typedAmount(digits: string): number {
  return digits === '' ? 0 : Number(digits) * MINOR_PER_MAJOR;
}

/** With one more digit; leading zeros and digits beyond what any machine gives are not taken. */
export function withDigit(digits: string, digit: string): string {
  if (digits.length >= DIGITS_MAX || (digits === '' && digit === '0')) return digits;
  return digits + digit;
}

/** The notes that would come out, or null where the machine cannot make up the amount. While its notes are not known: no notes. */
export function notesFor(amount: number, machine: readonly Notes[] | null): readonly Notes[] | null {
  if (machine === null || amount === 0) return [];
  return noteMix(minorUnitsFromNumber(amount), machine);
}

/** Amounts worth a button of their own. `available`: what the account has, null while it is not known. */
export function quickAmounts(machine: readonly Notes[] | null, available: number | null): number[] {
  return QUICK_AMOUNTS.filter((amount) => available === null || amount <= available).filter(
    (amount) => notesFor(amount, machine) !== null,
  );
}

/** How far around a wish other amounts are looked for, in steps of the smallest note. */
const STEPS_MAX = 10;

/** The nearest amounts that the machine can give: one below and one above, where there are any. */
export function nearestAmounts(amount: number, machine: readonly Notes[]): number[] {
  const step = Math.min(...machine.map(({ denomination }) => denomination));
  if (!Number.isFinite(step)) return [];
  const floor = amount - (amount % step);
  const possible = (candidate: number) => candidate > 0 && notesFor(candidate, machine) !== null;
  const steps = Array.from({ length: STEPS_MAX }, (_, index) => index * step);
  const below = steps.map((distance) => floor - distance).find((one) => one < amount && possible(one));
  const above = steps.map((distance) => floor + step + distance).find(possible);
  return [below, above].filter((one) => one !== undefined);
}

/** Whether the machine is known to have no notes left. */
export const isEmpty = (machine: readonly Notes[] | null): boolean =>
  machine?.every(({ count }) => count === 0) === true;

/** The sum of notes, minor units. */
export const worthOf = (notes: readonly Notes[]): number => toNumber(totalOf(notes));
