import { minorUnits } from '#money';
import { shortfall, type Account } from './account.js';
import { neverAsked, type Authorisation, type WithdrawalHead } from './authorisation.js';
import { countingDate, countUsage, type Card } from './card.js';
import type { LedgerState } from './state.js';

/**
 * An advice is a fact and never declined. `repeated`: the withdrawal is resolved already, and the answer is the first
 * one's. `refused` is no decline but a fault of the sender, which no repeat of the same message will cure.
 */
export type AdviceResult =
  | { readonly outcome: 'posted' | 'repeated'; readonly entryId: string | null }
  | { readonly outcome: 'refused'; readonly reason: RefusalReason };

export type RefusalReason = 'unknown-account' | 'other-account' | 'invalid-amount';

/** What every advice carries beside what it is about; the ids of the entry and the message come from outside. */
export interface AdviceHead {
  readonly entryId: string;
  readonly adviceId: string;
}

/** What an advice about a withdrawal is judged against. */
export interface Subject {
  readonly account: Account;
  readonly card: Card | undefined;
  /** As it stands; one that says nothing where the host hears of the withdrawal by this advice first. */
  readonly authorisation: Authorisation;
}

export function subjectOf(
  state: LedgerState,
  command: WithdrawalHead,
  amounts: readonly bigint[],
): Subject | AdviceResult {
  const account = state.accounts.get(command.accountId);
  const earlier = state.authorisations.get(command.withdrawalId);
  if (account === undefined) return { outcome: 'refused', reason: 'unknown-account' };
  if (earlier !== undefined && earlier.accountId !== command.accountId)
    return { outcome: 'refused', reason: 'other-account' };
  if (amounts.some((amount) => amount < 0n)) return { outcome: 'refused', reason: 'invalid-amount' };
  if (earlier?.state === 'completed' || earlier?.state === 'reversed')
    return { outcome: 'repeated', entryId: earlier.entryId };
  return { account, card: state.cards.get(command.cardToken), authorisation: earlier ?? neverAsked(command) };
}

/**
 * The authorisation in its new state, with the force that this takes, and the card with its daily usage put right:
 * `used` in the place of what was counted before.
 */
export function advance(
  { account, card, authorisation }: Subject,
  next: Pick<Authorisation, 'state' | 'suspense' | 'entryId' | 'adviceId'> & Partial<Authorisation>,
  change: { readonly available: bigint; readonly used: bigint },
): { authorisation: Authorisation; card: Card | undefined } {
  const forced = shortfall(account, change.available);
  const advanced = { ...authorisation, ...next, forced: minorUnits(authorisation.forced + forced) };
  if (card === undefined || card.dailyLimit === null) return { authorisation: advanced, card: undefined };
  if (authorisation.countedOn !== null) {
    const counted = countUsage(card, authorisation.countedOn, change.used - authorisation.amount);
    return { authorisation: advanced, card: counted };
  }
  if (change.used === 0n) return { authorisation: advanced, card: undefined };
  const countedOn = countingDate(card, authorisation.requestedAt);
  return { authorisation: { ...advanced, countedOn }, card: countUsage(card, countedOn, change.used) };
}
