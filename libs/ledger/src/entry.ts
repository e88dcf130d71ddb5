import { minorUnits, type MinorUnits } from '#money';

/** `suspense` and `reversal` move cash between the bank's own accounts only; the others show on a customer's statement. */
export type EntryKind =
  | 'opening'
  | 'withdrawal'
  | 'deposit'
  | 'transfer'
  /** The other half of a transfer that another broker has debited. */
  | 'transfer-credit'
  /** An own debit taken back, since the other broker could not credit it. */
  | 'transfer-refund'
  | 'suspense'
  | 'reversal';

/**
 * The bank's own accounts; those of a terminal are named `<kind>:<terminal>`, and `transfer-clearing:<broker>` has what this broker
 * owes that one (credit) or has coming from it (debit): over both it sums to zero. They have no stored total.
 */
export type OwnAccountKind = 'atm-cash' | 'atm-bin' | 'atm-deposit' | 'suspense' | 'transfer-clearing';

export interface Line {
  readonly ledgerAccountId: string;
  /** Credit positive, debit negative; never zero. */
  readonly amount: MinorUnits;
  /** A customer's ledger balance after this line; null for the bank's own accounts. */
  readonly balanceAfter: MinorUnits | null;
}

/** One double entry. Its lines sum to zero. */
export interface Entry {
  readonly entryId: string;
  readonly kind: EntryKind;
  /** The withdrawal, deposit or transfer that it is for; an entry of a kind exists at most once per cause. */
  readonly causeId: string;
  /** Of all its lines. */
  readonly currency: string;
  readonly terminalId: string | null;
  readonly rrn: string;
  readonly requestedAt: string;
  /** The advice that caused it; null for what was asked for synchronously. */
  readonly adviceId: string | null;
  readonly lines: readonly Line[];
}

export const ownAccountId = (kind: OwnAccountKind, owner: string): string => `${kind}:${owner}`;

/** A line of the bank's own account; none where nothing moves. */
export function ownLine(kind: OwnAccountKind, owner: string, amount: bigint): Line[] {
  if (amount === 0n) return [];
  return [{ ledgerAccountId: ownAccountId(kind, owner), amount: minorUnits(amount), balanceAfter: null }];
}

/** A line of a customer whose ledger balance was `before`; none where nothing moves. */
export function customerLine(accountId: string, before: MinorUnits, amount: bigint): Line[] {
  if (amount === 0n) return [];
  return [{ ledgerAccountId: accountId, amount: minorUnits(amount), balanceAfter: minorUnits(before + amount) }];
}
