import { minorUnits, type MinorUnits } from '#money';
import { availableOf, type Account } from './account.js';
import type { Authorisation, ResponseCode, WithdrawalHead } from './authorisation.js';
import { neverAsked } from './authorisation.js';
import { countingDate, countUsage, withinDailyLimit, type Card } from './card.js';
import { unchanged, type Change, type Decision, type LedgerState } from './state.js';

export interface Authorise extends WithdrawalHead {
  readonly amount: MinorUnits;
}

export type AuthoriseResult =
  { readonly outcome: 'answered'; readonly responseCode: ResponseCode } | { readonly outcome: 'unknown-account' };

/**
 * Places a hold, or declines; both are kept, so that a repeat answers the same. Refused with 12: a withdrawal that was
 * reversed or posted before its authorisation came, and an id used for another request.
 */
export function authorise(state: LedgerState, command: Authorise): Decision<AuthoriseResult> {
  const earlier = state.authorisations.get(command.withdrawalId);
  if (earlier !== undefined) return unchanged({ outcome: 'answered', responseCode: repeatedCode(earlier, command) });
  const account = state.accounts.get(command.accountId);
  if (account === undefined) return unchanged({ outcome: 'unknown-account' });

  const card = state.cards.get(command.cardToken);
  const responseCode = judge(account, card, command);
  const counted = responseCode === '00' && card !== undefined && card.dailyLimit !== null;
  const countedOn = counted ? countingDate(card, command.requestedAt) : null;
  const authorisation: Authorisation = {
    ...neverAsked(command),
    state: responseCode === '00' ? 'held' : 'declined',
    amount: command.amount,
    responseCode,
    countedOn,
  };
  const changes: Change[] = [{ kind: 'authorisation', authorisation }];
  if (counted && countedOn !== null) changes.push({ kind: 'card', card: countUsage(card, countedOn, command.amount) });
  return { result: { outcome: 'answered', responseCode }, changes };
}

function judge(account: Account, card: Card | undefined, command: Authorise): ResponseCode {
  if (command.amount <= minorUnits(0n)) return '12';
  if (card?.accountId !== account.accountId || card.status === 'blocked' || account.status === 'closed') return '62';
  if (availableOf(account) + account.overdraftLimit < command.amount) return '51';
  if (!withinDailyLimit(card, countingDate(card, command.requestedAt), command.amount)) return '61';
  return '00';
}

/** A reversed withdrawal must not answer 00 again: its hold is gone. */
function repeatedCode(earlier: Authorisation, command: Authorise): ResponseCode {
  if (earlier.state === 'reversed' || !isSameRequest(earlier, command)) return '12';
  return earlier.responseCode ?? '12';
}

function isSameRequest(earlier: Authorisation, command: Authorise): boolean {
  return (
    earlier.accountId === command.accountId &&
    earlier.cardToken === command.cardToken &&
    earlier.terminalId === command.terminalId &&
    earlier.amount === command.amount &&
    earlier.stan === command.stan &&
    earlier.rrn === command.rrn &&
    earlier.requestedAt === command.requestedAt
  );
}
