import { minorUnits, type MinorUnits } from '#money';

/** A customer's account with its totals. Credit is positive. */
export interface Account {
  readonly accountId: string;
  readonly currency: string;
  readonly status: 'open' | 'closed';
  /** Sum of all lines of the account. */
  readonly ledger: MinorUnits;
  /** Sum of all open holds. */
  readonly held: MinorUnits;
  /** How far available may go below zero by agreement. */
  readonly overdraftLimit: MinorUnits;
  /** How far facts that could not be declined have ever taken available below that limit. Only grows. */
  readonly forced: MinorUnits;
}

/** What may be spent without touching the overdraft: ledger less holds. */
export function availableOf(account: Account): MinorUnits {
  return minorUnits(account.ledger - account.held);
}

/**
 * What `forced` must grow by before available may move by `change`: zero where the limit, or what was forced earlier,
 * allows it. The database refuses available below −(overdraft limit + forced), so no other path can get there.
 */
export function shortfall(account: Account, change: bigint): MinorUnits {
  const below = -(availableOf(account) + change) - account.overdraftLimit - account.forced;
  return minorUnits(below > 0n ? below : 0n);
}
