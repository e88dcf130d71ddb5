import { minorUnits } from '#money';
import type { Account } from './account.js';
import { holdOf, type Authorisation } from './authorisation.js';
import type { Card } from './card.js';
import type { Entry } from './entry.js';
import type { Change, Decide, LedgerState, Transfer } from './state.js';

/** What was loaded from the store for a batch of commands. */
export interface Loaded {
  readonly accounts?: readonly Account[];
  readonly cards?: readonly Card[];
  readonly authorisations?: readonly Authorisation[];
  readonly transfers?: readonly Transfer[];
  readonly deposits?: readonly { readonly depositId: string; readonly entryId: string }[];
  readonly credits?: readonly { readonly transferId: string; readonly entryId: string }[];
  readonly refunds?: readonly { readonly transferId: string; readonly entryId: string }[];
}

/** What a batch leaves to store: every row once, in its last state. */
export interface LedgerChanges {
  readonly authorisationsNew: readonly Authorisation[];
  readonly authorisationsChanged: readonly Authorisation[];
  readonly cards: readonly Card[];
  /** In the order of the commands, which is the order of each customer's balances. */
  readonly entries: readonly Entry[];
  readonly transfers: readonly Transfer[];
}

/**
 * The working set of one batch. Every command sees the effects of those before it, and nothing is written: `changes()`
 * is all that there is to store. Account totals move here exactly as the database's triggers will move them.
 */
export class Ledger implements LedgerState {
  readonly accounts: Map<string, Account>;
  readonly cards: Map<string, Card>;
  readonly authorisations: Map<string, Authorisation>;
  readonly transfers: Map<string, Transfer>;
  readonly deposits: Map<string, string>;
  readonly credits: Map<string, string>;
  readonly refunds: Map<string, string>;
  private readonly loadedAuthorisations: ReadonlySet<string>;
  private readonly touched = { authorisations: new Set<string>(), cards: new Set<string>() };
  private readonly entries: Entry[] = [];
  private readonly newTransfers: Transfer[] = [];

  constructor(loaded: Loaded) {
    this.accounts = new Map(loaded.accounts?.map((one) => [one.accountId, one]));
    this.cards = new Map(loaded.cards?.map((one) => [one.cardToken, one]));
    this.authorisations = new Map(loaded.authorisations?.map((one) => [one.withdrawalId, one]));
    this.transfers = new Map(loaded.transfers?.map((one) => [one.transferId, one]));
    this.deposits = new Map(loaded.deposits?.map((one) => [one.depositId, one.entryId]));
    this.credits = new Map(loaded.credits?.map((one) => [one.transferId, one.entryId]));
    this.refunds = new Map(loaded.refunds?.map((one) => [one.transferId, one.entryId]));
    this.loadedAuthorisations = new Set(this.authorisations.keys());
  }

  /** Decides one command and takes its changes over. */
  run<Command, Result>(decide: Decide<Command, Result>, command: Command): Result {
    const { result, changes } = decide(this, command);
    for (const change of changes) this.take(change);
    return result;
  }

  changes(): LedgerChanges {
    const authorisations = this.pick(this.authorisations, this.touched.authorisations);
    return {
      authorisationsNew: authorisations.filter((one) => !this.loadedAuthorisations.has(one.withdrawalId)),
      authorisationsChanged: authorisations.filter((one) => this.loadedAuthorisations.has(one.withdrawalId)),
      cards: this.pick(this.cards, this.touched.cards),
      entries: this.entries,
      transfers: this.newTransfers,
    };
  }

  private take(change: Change): void {
    switch (change.kind) {
      case 'authorisation':
        return this.takeAuthorisation(change.authorisation);
      case 'card':
        this.cards.set(change.card.cardToken, change.card);
        this.touched.cards.add(change.card.cardToken);
        return;
      case 'entry':
        return this.takeEntry(change.entry);
      case 'transfer':
        this.transfers.set(change.transfer.transferId, change.transfer);
        this.newTransfers.push(change.transfer);
        return;
    }
  }

  private takeAuthorisation(next: Authorisation): void {
    const before = this.authorisations.get(next.withdrawalId);
    this.authorisations.set(next.withdrawalId, next);
    this.touched.authorisations.add(next.withdrawalId);
    this.move(next.accountId, (account) => ({
      ...account,
      held: minorUnits(account.held + holdOf(next) - holdOf(before)),
      forced: minorUnits(account.forced + next.forced - (before?.forced ?? 0n)),
    }));
  }

  private takeEntry(entry: Entry): void {
    this.entries.push(entry);
    if (entry.kind === 'deposit') this.deposits.set(entry.causeId, entry.entryId);
    if (entry.kind === 'transfer-credit') this.credits.set(entry.causeId, entry.entryId);
    if (entry.kind === 'transfer-refund') this.refunds.set(entry.causeId, entry.entryId);
    for (const { ledgerAccountId, amount, balanceAfter } of entry.lines) {
      if (balanceAfter === null) continue;
      this.move(ledgerAccountId, (account) => ({ ...account, ledger: minorUnits(account.ledger + amount) }));
    }
  }

  private move(accountId: string, change: (account: Account) => Account): void {
    const account = this.accounts.get(accountId);
    if (account === undefined) throw new Error(`a change concerns account ${accountId}, which was not loaded`);
    this.accounts.set(accountId, change(account));
  }

  private pick<Row>(rows: ReadonlyMap<string, Row>, keys: ReadonlySet<string>): Row[] {
    return [...keys].flatMap((key) => rows.get(key) ?? []);
  }
}
