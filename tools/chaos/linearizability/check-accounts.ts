import { courseOf } from './course.js';
import type { Operation } from './operation.js';
import { Search } from './search.js';
import type { Verdict, Witness } from './verdict.js';

export interface CheckOptions {
  /** Ledger balance of an account before its first operation, minor units; nothing is held then. */
  readonly opening: (account: string) => number;
  /** After how many configurations of one account the search gives up: bounds time (about a second for 100,000) and memory. */
  readonly configurationsMax?: number;
}

const CONFIGURATIONS_MAX = 500_000;
/** Operations that a witness tells of. */
const WITNESS_MAX = 12;

/**
 * Whether what the clients saw of each account can be explained by operations that took effect one after the other, each at one instant between
 * its call and its answer, and settlements at some later one. Linearizability is local (Herlihy and Wing, 1990), so each account is checked for
 * itself. A transfer counts as one operation on each of its accounts; that both halves happen, and at once, is for the audit to see.
 */
export function checkAccounts(operations: readonly Operation[], options: CheckOptions): Verdict[] {
  const accounts = new Map<string, Operation[]>();
  for (const operation of operations) {
    const own = accounts.get(operation.account) ?? [];
    accounts.set(operation.account, own);
    own.push(operation);
  }
  return [...accounts].map(([account, own]) => checkAccount(account, own, options));
}

function checkAccount(account: string, own: readonly Operation[], options: CheckOptions): Verdict {
  const inOrder = own.toSorted((one, other) => one.invokedAtMs - other.invokedAtMs);
  const searched = inOrder.map((operation) => ({ invokedAtMs: operation.invokedAtMs, course: courseOf(operation) }));
  const search = new Search(searched, { ledger: options.opening(account), held: 0 });
  const result = search.run(options.configurationsMax ?? CONFIGURATIONS_MAX);
  const head = { account, operations: own.length };
  switch (result.found) {
    case 'order':
      return { ...head, verdict: 'linearizable' };
    case 'nothing-yet':
      return { ...head, verdict: 'undecided' };
    case 'none': {
      const { ledger, held, order, stuck } = result.best;
      const ids = order.slice(-WITNESS_MAX).map((index) => inOrder[index]?.id ?? '');
      const impossible = inOrder[stuck];
      if (impossible === undefined) throw new Error('a search without operations cannot fail');
      const witness: Witness = { order: ids, ledger, held, impossible };
      return { ...head, verdict: 'violated', witness };
    }
  }
}
