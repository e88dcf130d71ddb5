import { minorUnits, type MinorUnits } from '#money';

/** What the ledger knows of a card. */
export interface Card {
  readonly cardToken: string;
  readonly accountId: string;
  readonly status: 'active' | 'blocked';
  /** Most that may be withdrawn per business date; null: no limit, and nothing is counted. */
  readonly dailyLimit: MinorUnits | null;
  /** Business date that `spent` is about; null before the first use. */
  readonly spentOn: string | null;
  /** Held and taken on that date. */
  readonly spent: MinorUnits;
}

/** Business date of a request: the UTC date of its instant (`2026-03-01T…Z`). */
export function businessDateOf(requestedAt: string): string {
  return requestedAt.slice(0, 10);
}

/**
 * The date that a use counts for. Only the newest date is remembered, so a request from just before midnight that
 * arrives after the first of the new day counts for the new day: it may be refused, but never escapes the limit.
 */
export function countingDate(card: Card, requestedAt: string): string {
  const date = businessDateOf(requestedAt);
  return card.spentOn !== null && card.spentOn > date ? card.spentOn : date;
}

/** The card after `change` (negative to give back) on `date`. What belongs to a past date is over and changes nothing. */
export function countUsage(card: Card, date: string, change: bigint): Card {
  if (card.spentOn !== null && date < card.spentOn) return card;
  const before = card.spentOn === date ? card.spent : 0n;
  return { ...card, spentOn: date, spent: minorUnits(before + change) };
}

/** Whether `amount` more on `date` stays within the card's daily limit. */
export function withinDailyLimit(card: Card, date: string, amount: MinorUnits): boolean {
  if (card.dailyLimit === null) return true;
  return (card.spentOn === date ? card.spent : 0n) + amount <= card.dailyLimit;
}
