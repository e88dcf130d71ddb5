import type { MinorUnits } from '#money';
import { availableOf, type Account } from './account.js';
import type { ResponseCode } from './authorisation.js';
import { customerLine, ownLine } from './entry.js';
import { unchanged, type Change, type Decision, type LedgerState } from './state.js';
import { isSameRequest, type MoveBetween, type TransferResult } from './transfer.js';

/** A transfer to an account that another broker instance has. */
export interface MoveAway extends MoveBetween {
  readonly toBroker: string;
}

/**
 * The first half, at the broker of the paying account: debits it, or declines, which is kept as with a transfer within one broker.
 * What is debited stands in clearing with the other broker until that one has credited it. A posted result must be told to that broker
 * in the same transaction.
 */
export function sendTransfer(state: LedgerState, command: MoveAway): Decision<TransferResult> {
  const earlier = state.transfers.get(command.transferId);
  if (earlier !== undefined) {
    const responseCode = isSameRequest(earlier, command) ? earlier.responseCode : '12';
    return unchanged({ outcome: 'answered', responseCode });
  }
  const from = state.accounts.get(command.fromAccountId);
  if (from === undefined) return unchanged({ outcome: 'unknown-account', accountId: command.fromAccountId });

  const responseCode = judge(from, command.amount);
  const { entryId: newEntryId, ...request } = command;
  const entryId = responseCode === '00' ? newEntryId : null;
  const changes: Change[] = [{ kind: 'transfer', transfer: { ...request, responseCode, entryId } }];
  if (entryId !== null) {
    const { transferId: causeId, toBroker, rrn, requestedAt, amount } = command;
    const lines = [
      ...customerLine(from.accountId, from.ledger, 0n - amount),
      ...ownLine('transfer-clearing', toBroker, amount),
    ];
    const { currency } = from;
    const head = { entryId, kind: 'transfer', causeId, currency, terminalId: null, rrn, requestedAt } as const;
    changes.push({ kind: 'entry', entry: { ...head, adviceId: null, lines } });
  }
  return { result: { outcome: 'answered', responseCode }, changes };
}

/** The debit that another broker has posted, as its message tells it. */
export interface CreditTransfer {
  readonly transferId: string;
  readonly fromBroker: string;
  readonly toAccountId: string;
  readonly amount: MinorUnits;
  readonly currency: string;
  readonly rrn: string;
  readonly requestedAt: string;
  readonly entryId: string;
  readonly adviceId: string;
}

/** `refused`: nothing is posted, and the sending broker gives the money back. */
export type CreditResult =
  | { readonly outcome: 'posted' | 'repeated'; readonly entryId: string }
  | { readonly outcome: 'refused'; readonly responseCode: ResponseCode };

/** The second half, at the broker of the paid account: credits it from clearing with the first one. */
export function creditTransfer(state: LedgerState, command: CreditTransfer): Decision<CreditResult> {
  const { transferId: causeId, fromBroker, currency, amount, rrn, requestedAt, adviceId, entryId } = command;
  const earlier = state.credits.get(causeId);
  if (earlier !== undefined) return unchanged({ outcome: 'repeated', entryId: earlier });
  const account = state.accounts.get(command.toAccountId);
  if (account === undefined || amount <= 0n || account.currency !== currency)
    return unchanged({ outcome: 'refused', responseCode: '12' });
  if (account.status === 'closed') return unchanged({ outcome: 'refused', responseCode: '62' });

  const lines = [
    ...ownLine('transfer-clearing', fromBroker, 0n - amount),
    ...customerLine(account.accountId, account.ledger, amount),
  ];
  const head = { entryId, kind: 'transfer-credit', causeId, currency, terminalId: null, rrn, requestedAt } as const;
  return { result: { outcome: 'posted', entryId }, changes: [{ kind: 'entry', entry: { ...head, adviceId, lines } }] };
}

/** The other broker has refused the credit of an own transfer. */
export interface RefundTransfer {
  readonly transferId: string;
  readonly entryId: string;
}

/**
 * Gives the debit of a refused transfer back, out of clearing; a fact, so a closed account takes it as well. Nothing happens a second
 * time. Throws for a transfer that was never debited: nobody can have refused it.
 */
export function refundTransfer(state: LedgerState, command: RefundTransfer): Decision<'posted' | 'repeated'> {
  const { transferId: causeId, entryId } = command;
  if (state.refunds.has(causeId)) return unchanged('repeated');
  const transfer = state.transfers.get(causeId);
  const account = transfer === undefined ? undefined : state.accounts.get(transfer.fromAccountId);
  if (transfer === undefined || account === undefined || transfer.entryId === null || transfer.toBroker === null)
    throw new Error(`transfer ${causeId} has no debit that could be refunded`);

  const { toBroker, amount, rrn, requestedAt } = transfer;
  const lines = [
    ...ownLine('transfer-clearing', toBroker, 0n - amount),
    ...customerLine(account.accountId, account.ledger, amount),
  ];
  const { currency } = account;
  const head = { entryId, kind: 'transfer-refund', causeId, currency, terminalId: null, rrn, requestedAt } as const;
  return { result: 'posted', changes: [{ kind: 'entry', entry: { ...head, adviceId: null, lines } }] };
}

/** What the other account has to say to it, its own broker says. */
function judge(from: Account, amount: MinorUnits): ResponseCode {
  if (amount <= 0n) return '12';
  if (from.status === 'closed') return '62';
  return availableOf(from) + from.overdraftLimit < amount ? '51' : '00';
}
