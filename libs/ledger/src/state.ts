import type { MinorUnits } from '#money';
import type { Account } from './account.js';
import type { Authorisation, ResponseCode } from './authorisation.js';
import type { Card } from './card.js';
import type { Entry } from './entry.js';

/** A transfer between two customers, posted or declined. */
export interface Transfer {
  readonly transferId: string;
  readonly fromAccountId: string;
  readonly toAccountId: string;
  /** The broker instance that has the target account; null where it is this one. */
  readonly toBroker: string | null;
  readonly amount: MinorUnits;
  readonly rrn: string;
  readonly requestedAt: string;
  readonly responseCode: ResponseCode;
  readonly entryId: string | null;
}

/** What was loaded for the accounts and commands concerned; what is not in it does not exist. */
export interface LedgerState {
  readonly accounts: ReadonlyMap<string, Account>;
  readonly cards: ReadonlyMap<string, Card>;
  readonly authorisations: ReadonlyMap<string, Authorisation>;
  readonly transfers: ReadonlyMap<string, Transfer>;
  /** Deposits already posted: deposit id → entry id. */
  readonly deposits: ReadonlyMap<string, string>;
  /** Credits of other brokers' transfers, and refunds of own ones, already posted: transfer id → entry id. */
  readonly credits: ReadonlyMap<string, string>;
  readonly refunds: ReadonlyMap<string, string>;
}

/** One thing to store. Account totals are not among them: they follow from entries and authorisations. */
export type Change =
  | { readonly kind: 'authorisation'; readonly authorisation: Authorisation }
  | { readonly kind: 'card'; readonly card: Card }
  | { readonly kind: 'entry'; readonly entry: Entry }
  | { readonly kind: 'transfer'; readonly transfer: Transfer };

export interface Decision<Result> {
  readonly result: Result;
  readonly changes: readonly Change[];
}

/** A decision from the state before it. Never throws for what a command asks. */
export type Decide<Command, Result> = (state: LedgerState, command: Command) => Decision<Result>;

export const unchanged = <Result>(result: Result): Decision<Result> => ({ result, changes: [] });
