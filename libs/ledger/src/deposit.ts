import type { MinorUnits } from '#money';
import type { AdviceHead, AdviceResult } from './advice.js';
import { customerLine, ownLine } from './entry.js';
import { unchanged, type Decision, type LedgerState } from './state.js';

/** Notes of the customer's are in the machine. */
export interface Deposit extends AdviceHead {
  readonly depositId: string;
  readonly accountId: string;
  readonly terminalId: string;
  readonly amount: MinorUnits;
  readonly rrn: string;
  readonly requestedAt: string;
}

/** Credits the customer; a fact, so a closed account takes it as well. */
export function deposit(state: LedgerState, command: Deposit): Decision<AdviceResult> {
  const { depositId: causeId, terminalId, amount, rrn, requestedAt, adviceId, entryId } = command;
  const account = state.accounts.get(command.accountId);
  if (account === undefined) return unchanged({ outcome: 'refused', reason: 'unknown-account' });
  if (amount <= 0n) return unchanged({ outcome: 'refused', reason: 'invalid-amount' });
  const earlier = state.deposits.get(causeId);
  if (earlier !== undefined) return unchanged({ outcome: 'repeated', entryId: earlier });

  const lines = [
    ...customerLine(account.accountId, account.ledger, amount),
    ...ownLine('atm-deposit', terminalId, 0n - amount),
  ];
  const { currency } = account;
  const entry = { entryId, kind: 'deposit', causeId, currency, terminalId, rrn, requestedAt, adviceId, lines } as const;
  return { result: { outcome: 'posted', entryId }, changes: [{ kind: 'entry', entry }] };
}
