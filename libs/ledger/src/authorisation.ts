import { minorUnits, type MinorUnits } from '#money';

/** ISO 8583 field 39, as far as the ledger decides: approved, invalid transaction, insufficient funds, over limit, restricted. */
export type ResponseCode = '00' | '12' | '51' | '61' | '62';

/** What every command about a withdrawal carries. */
export interface WithdrawalHead {
  readonly withdrawalId: string;
  readonly accountId: string;
  readonly cardToken: string;
  readonly terminalId: string;
  readonly stan: string;
  readonly rrn: string;
  /** ISO 8601, UTC, milliseconds: when the terminal first knew the withdrawal. */
  readonly requestedAt: string;
}

/**
 * - `held`: approved, hold open. → completed, reversed, suspended
 * - `declined`: refused, nothing held. → completed, reversed, suspended, where a fact says otherwise
 * - `suspended`: outcome unknown, hold open. → completed, reversed
 * - `completed`, `reversed`: final. A reversed one may never have been authorised (tombstone).
 */
export type AuthorisationState = 'held' | 'declined' | 'suspended' | 'completed' | 'reversed';

/** What the host knows of one withdrawal. */
export interface Authorisation extends WithdrawalHead {
  readonly state: AuthorisationState;
  /** Asked for, and held while open; zero where the host was never asked and holds nothing. */
  readonly amount: MinorUnits;
  /** What the customer took; null unless completed. */
  readonly taken: MinorUnits | null;
  /** What stands in suspense for it. */
  readonly suspense: MinorUnits;
  /** What it added to the account's `forced`. */
  readonly forced: MinorUnits;
  /** The answer to the authorisation; null where the host was never asked. */
  readonly responseCode: ResponseCode | null;
  /** Business date on which it counts for the card's daily limit; null where it does not. */
  readonly countedOn: string | null;
  /** The newest entry posted for it. */
  readonly entryId: string | null;
  /** The advice that brought it into its state; null while that was the authorisation itself. */
  readonly adviceId: string | null;
}

/** What the authorisation holds on its account at the moment. */
export function holdOf(authorisation: Authorisation | undefined): MinorUnits {
  const open = authorisation?.state === 'held' || authorisation?.state === 'suspended';
  return open ? authorisation.amount : minorUnits(0n);
}

/** A withdrawal that the host hears of by an advice first: stand-in, or its authorisation never arrived. */
export function neverAsked(head: WithdrawalHead): Authorisation {
  return {
    withdrawalId: head.withdrawalId,
    accountId: head.accountId,
    cardToken: head.cardToken,
    terminalId: head.terminalId,
    stan: head.stan,
    rrn: head.rrn,
    requestedAt: head.requestedAt,
    state: 'declined',
    amount: minorUnits(0n),
    taken: null,
    suspense: minorUnits(0n),
    forced: minorUnits(0n),
    responseCode: null,
    countedOn: null,
    entryId: null,
    adviceId: null,
  };
}
