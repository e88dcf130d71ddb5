import { cashOf, ofKind, type Operation } from '../load/operation.js';
import type { Posting } from './evidence.js';
import type { Finding } from './invariant.js';

/** A change of an account that a client knows of. */
export interface ExpectedPosting {
  readonly accountId: string;
  readonly rrn: string;
  readonly amount: bigint;
  /** What the client did, in words. */
  readonly what: string;
}

/** Cash in the customers' hands. */
export const expectedOfWithdrawals = (operations: readonly Operation[]): ExpectedPosting[] =>
  ofKind(operations, 'withdrawal').flatMap(({ accountId, withdrawal }) => {
    const cash = cashOf(withdrawal);
    if (withdrawal === null || accountId === null || cash === 0) return [];
    return [{ accountId, rrn: withdrawal.rrn, amount: -BigInt(cash), what: `withdrawal ${withdrawal.withdrawalId}` }];
  });

/** Notes that a machine has taken in and given a receipt for. */
export const expectedOfDeposits = (operations: readonly Operation[]): ExpectedPosting[] =>
  ofKind(operations, 'deposit').flatMap(({ deposit }) =>
    deposit === null
      ? []
      : [
          {
            ...{ accountId: deposit.accountId, rrn: deposit.rrn, amount: BigInt(deposit.amount) },
            what: `deposit ${deposit.depositId}`,
          },
        ],
  );

/** Both accounts of what was answered as posted. */
export const expectedOfTransfers = (operations: readonly Operation[]): ExpectedPosting[] =>
  ofKind(operations, 'transfer').flatMap(({ transfer }) => {
    if (transfer?.state !== 'posted') return [];
    const { rrn, fromAccountId, toAccountId } = transfer;
    const amount = BigInt(transfer.amount);
    const what = `transfer ${transfer.transferId}`;
    return [
      { accountId: fromAccountId, rrn, amount: -amount, what: `${what}, debit` },
      { accountId: toAccountId, rrn, amount, what: `${what}, credit` },
    ];
  });

export const expectedOf = (operations: readonly Operation[]): ExpectedPosting[] => [
  ...expectedOfWithdrawals(operations),
  ...expectedOfDeposits(operations),
  ...expectedOfTransfers(operations),
];

/** An account's postings of one reference number: what a client can tell apart on a statement. */
export const keyOf = ({ accountId, rrn }: { accountId: string; rrn: string | null }): string => `${accountId} ${rrn}`;

/** What of `expected` is not there exactly once and in full. */
export function comparePostings(expected: readonly ExpectedPosting[], postings: readonly Posting[]): Finding[] {
  const byKey = new Map<string, Posting[]>();
  for (const posting of postings) byKey.set(keyOf(posting), [...(byKey.get(keyOf(posting)) ?? []), posting]);
  return expected.flatMap((one): Finding[] => {
    const found = byKey.get(keyOf(one)) ?? [];
    const total = found.reduce((sum, { amount }) => sum + amount, 0n);
    if (found.length === 1 && total === one.amount) return [];
    const what = `${one.what} (rrn ${one.rrn}) on ${one.accountId}: expected ${one.amount}, posted ${
      found.length === 0 ? 'nothing' : found.map(({ amount }) => amount).join(' and ')
    }`;
    if (found.length === 0) return [{ verdict: 'lost', what }];
    return [{ verdict: found.length > 1 ? 'doubled' : 'unexplained', what }];
  });
}
