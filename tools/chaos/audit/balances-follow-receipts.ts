import { ofKind } from '../load/operation.js';
import type { Evidence } from './evidence.js';
import { expectedOf } from './expected-postings.js';
import type { Finding, Invariant } from './invariant.js';

/** Balance of each account as its customers can work it out from the receipts that they have. */
function ledgerOf({ operations, accounts, baseline }: Evidence): Map<string, bigint> {
  const balances = new Map(accounts.map((accountId) => [accountId, baseline.balances.get(accountId) ?? 0n]));
  for (const { accountId, amount } of expectedOf(operations)) {
    balances.set(accountId, (balances.get(accountId) ?? 0n) + amount);
  }
  return balances;
}

/** Money that is held for dispenses in doubt; nothing else may be held when all is quiet. */
function heldOf({ operations }: Evidence): Map<string, bigint> {
  const held = new Map<string, bigint>();
  for (const { accountId, amount, withdrawal } of ofKind(operations, 'withdrawal')) {
    if (withdrawal?.state !== 'suspense' || accountId === null) continue;
    held.set(accountId, (held.get(accountId) ?? 0n) + BigInt(amount));
  }
  return held;
}

export const balancesFollowReceipts: Invariant = {
  name: 'balances that the bank tells are what the receipts add up to',
  check(evidence) {
    const held = heldOf(evidence);
    return [...ledgerOf(evidence)].flatMap(([accountId, ledger]): Finding[] => {
      const told = evidence.told.accounts.get(accountId);
      const difference = BigInt(told?.ledger ?? 0) - ledger;
      const tooMuchHeld = BigInt(told?.held ?? 0) - (held.get(accountId) ?? 0n);
      const findings: Finding[] = [];
      if (difference !== 0n) {
        findings.push({ verdict: 'unexplained', what: `${accountId}: the ledger is off by ${difference}` });
      }
      if (tooMuchHeld !== 0n) {
        findings.push({ verdict: 'unexplained', what: `${accountId}: ${tooMuchHeld} held beyond what is in doubt` });
      }
      return findings;
    });
  },
};
