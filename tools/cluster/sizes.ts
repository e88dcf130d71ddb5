import { Refusal } from '../refusal.js';

/** How many replicas of each app there are (of each broker instance, for accounts). */
export interface Sizes {
  readonly gateways: number;
  readonly terminals: number;
  readonly accounts: number;
}

export const DEFAULT_SIZES: Sizes = { gateways: 2, terminals: 2, accounts: 3 };

/** Bounds that a machine with a few cores and PostgreSQL's connections can bear. */
const MOST: Sizes = { gateways: 8, terminals: 12, accounts: 12 };

/** The size, if it is one. Throws `Refusal`, in the words of the command line. */
export function checkedSize(what: keyof Sizes, count: number): number {
  if (Number.isInteger(count) && count >= 1 && count <= MOST[what]) return count;
  throw new Refusal(`${what} must be a whole number from 1 to ${MOST[what]}`);
}
