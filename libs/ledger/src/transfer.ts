import type { MinorUnits } from '#money';
import { availableOf, type Account } from './account.js';
import type { ResponseCode } from './authorisation.js';
import { customerLine } from './entry.js';
import { unchanged, type Change, type Decision, type LedgerState, type Transfer } from './state.js';

export interface MoveBetween {
  readonly transferId: string;
  readonly fromAccountId: string;
  readonly toAccountId: string;
  readonly amount: MinorUnits;
  readonly rrn: string;
  readonly requestedAt: string;
  /** Id for the entry, should there be one. */
  readonly entryId: string;
}

export type TransferResult =
  | { readonly outcome: 'answered'; readonly responseCode: ResponseCode }
  | { readonly outcome: 'unknown-account'; readonly accountId: string };

/** Moves an amount between two customers in one entry, or declines; both are kept, so that a repeat answers the same. */
export function transfer(state: LedgerState, command: MoveBetween): Decision<TransferResult> {
  const earlier = state.transfers.get(command.transferId);
  if (earlier !== undefined) {
    const responseCode = isSameRequest(earlier, command) ? earlier.responseCode : '12';
    return unchanged({ outcome: 'answered', responseCode });
  }
  const from = state.accounts.get(command.fromAccountId);
  if (from === undefined) return unchanged({ outcome: 'unknown-account', accountId: command.fromAccountId });
  const to = state.accounts.get(command.toAccountId);
  if (to === undefined) return unchanged({ outcome: 'unknown-account', accountId: command.toAccountId });

  const responseCode = judge(from, to, command.amount);
  const { entryId: newEntryId, ...request } = command;
  const entryId = responseCode === '00' ? newEntryId : null;
  const changes: Change[] = [{ kind: 'transfer', transfer: { ...request, toBroker: null, responseCode, entryId } }];
  if (entryId !== null) {
    const { transferId: causeId, rrn, requestedAt, amount } = command;
    const lines = [
      ...customerLine(from.accountId, from.ledger, 0n - amount),
      ...customerLine(to.accountId, to.ledger, amount),
    ];
    const { currency } = from;
    const head = { entryId, kind: 'transfer', causeId, currency, terminalId: null, rrn, requestedAt } as const;
    changes.push({ kind: 'entry', entry: { ...head, adviceId: null, lines } });
  }
  return { result: { outcome: 'answered', responseCode }, changes };
}

function judge(from: Account, to: Account, amount: MinorUnits): ResponseCode {
  if (amount <= 0n || from.accountId === to.accountId || from.currency !== to.currency) return '12';
  if (from.status === 'closed' || to.status === 'closed') return '62';
  return availableOf(from) + from.overdraftLimit < amount ? '51' : '00';
}

export function isSameRequest(earlier: Transfer, command: MoveBetween): boolean {
  return (
    earlier.fromAccountId === command.fromAccountId &&
    earlier.toAccountId === command.toAccountId &&
    earlier.amount === command.amount &&
    earlier.rrn === command.rrn &&
    earlier.requestedAt === command.requestedAt
  );
}
