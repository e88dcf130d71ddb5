import type { Operation } from './operation.js';

/** Why no order of the operations explains what the clients were told, as near as one can come. */
export interface Witness {
  /** The operations of the longest order that does, in that order; the last ones of it where it is long. */
  readonly order: readonly string[];
  /** The account after them. */
  readonly ledger: number;
  readonly held: number;
  /** What had to come next, since its answer was there before anything else began, and cannot. */
  readonly impossible: Operation;
}

/**
 * - `linearizable`: there is an order in which every operation takes effect at one instant between its call and its answer.
 * - `violated`: there is none.
 * - `undecided`: the budget was used up before either was found.
 */
export type Verdict =
  | { readonly account: string; readonly verdict: 'linearizable'; readonly operations: number }
  | { readonly account: string; readonly verdict: 'violated'; readonly operations: number; readonly witness: Witness }
  | { readonly account: string; readonly verdict: 'undecided'; readonly operations: number };
