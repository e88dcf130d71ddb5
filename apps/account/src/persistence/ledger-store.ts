import type { Balances } from '#contracts';
import type { QueryResultRow } from 'pg';
import type { SqlTransaction, Statement } from '#database';
import { availableOf, Ledger, type Account, type Entry, type LedgerChanges } from '#ledger';
import {
  LOAD_CREDITS_AND_REFUNDS,
  LOAD_DEPOSITS,
  LOAD_TRANSFERS,
  LOAD_WITHDRAWALS,
  LOCK_ACCOUNTS,
  LOCK_MORE_ACCOUNTS,
} from './load-statements.js';
import {
  accountOf,
  authorisationsOf,
  cardsOf,
  transferOf,
  type AccountRow,
  type CreditOrRefundRow,
  type DepositRow,
  type TransferRow,
  type WithdrawalRow,
} from './rows.js';
import {
  AUTHORISATION_CHANGES,
  AUTHORISATION_ROWS,
  CARD_USAGE,
  ENTRY_ROWS,
  INSERT_AUTHORISATIONS,
  INSERT_ENTRIES,
  INSERT_OWN_ACCOUNTS,
  INSERT_TRANSFERS,
  LINE_ROWS,
  TRANSFER_ROWS,
  UPDATE_AUTHORISATIONS,
  UPDATE_CARD_USAGE,
} from './store-statements.js';

/** What a batch of commands is about. */
export interface BatchSubjects {
  readonly accountIds: readonly string[];
  readonly withdrawals?: readonly { readonly withdrawalId: string; readonly cardToken: string }[];
  readonly depositIds?: readonly string[];
  readonly transferIds?: readonly string[];
  /** Transfers between brokers that are to be credited or refunded. */
  readonly transfersToEnd?: readonly string[];
}

/** A batch's working set, and its customers' balances at any point of the batch. */
export interface LoadedBatch {
  readonly ledger: Ledger;
  readonly balances: (accountId: string) => Balances;
}

/**
 * The one way in which money moves: `load` locks what a batch is about and reads it, #ledger decides command by command,
 * `store` writes all that it decided. Set-based: the number of statements does not depend on the size of the batch.
 */
export class LedgerStore {
  /** The bank's own accounts that this process knows to be there; they are never removed. */
  private readonly ownAccountsThere = new Set<string>();

  /** Transactions that hold accounts: an inbox that took in advices of several types calls once for each. */
  private readonly holding = new WeakSet<SqlTransaction>();

  /**
   * Throws lock_not_available, after which #database runs the transaction again, where a transaction that holds accounts
   * would have to wait for more.
   */
  async load(tx: SqlTransaction, subjects: BatchSubjects): Promise<LoadedBatch> {
    const { withdrawals = [], depositIds = [], transferIds = [], transfersToEnd = [] } = subjects;
    const lock = this.holding.has(tx) ? LOCK_MORE_ACCOUNTS : LOCK_ACCOUNTS;
    this.holding.add(tx);
    // In one round trip; what the locks protect is read once they are there.
    const [accounts, found, deposits, transfers, ends] = await Promise.all([
      tx.query<AccountRow>(lock, [[...new Set(subjects.accountIds)]]),
      rowsAbout<WithdrawalRow>(
        tx,
        LOAD_WITHDRAWALS,
        withdrawals.map(({ withdrawalId }) => withdrawalId),
        withdrawals.map(({ cardToken }) => cardToken),
      ),
      rowsAbout<DepositRow>(tx, LOAD_DEPOSITS, depositIds),
      rowsAbout<TransferRow>(tx, LOAD_TRANSFERS, transferIds),
      rowsAbout<CreditOrRefundRow>(tx, LOAD_CREDITS_AND_REFUNDS, transfersToEnd),
    ]);
    const ledger = new Ledger({
      accounts: accounts.map(accountOf),
      authorisations: found.flatMap(authorisationsOf),
      cards: found.flatMap(cardsOf),
      deposits: deposits.map((row) => ({ depositId: row.cause_id, entryId: row.entry_id })),
      transfers: transfers.map(transferOf),
      credits: entriesOf(ends, 'transfer-credit'),
      refunds: entriesOf(ends, 'transfer-refund'),
    });
    const asOf = new Map(accounts.map((row) => [row.account_id, row.as_of]));
    return {
      ledger,
      balances: (accountId) => {
        const account = ledger.accounts.get(accountId);
        if (account === undefined) throw new Error(`account ${accountId} was not loaded`);
        return balancesOf(account, asOf.get(accountId) ?? '');
      },
    };
  }

  /** Holds are released before lines are posted, so that a posting never meets its own hold at the account's limit. */
  store(tx: SqlTransaction, changes: LedgerChanges): void {
    const { authorisationsNew, authorisationsChanged, cards, entries, transfers } = changes;
    if (authorisationsChanged.length > 0) {
      tx.write(UPDATE_AUTHORISATIONS, [AUTHORISATION_CHANGES.valueOf(authorisationsChanged)]);
    }
    if (authorisationsNew.length > 0) tx.write(INSERT_AUTHORISATIONS, [AUTHORISATION_ROWS.valueOf(authorisationsNew)]);
    if (cards.length > 0) tx.write(UPDATE_CARD_USAGE, [CARD_USAGE.valueOf(cards)]);
    if (entries.length > 0) this.post(tx, entries);
    if (transfers.length > 0) tx.write(INSERT_TRANSFERS, [TRANSFER_ROWS.valueOf(transfers)]);
  }

  private post(tx: SqlTransaction, entries: readonly Entry[]): void {
    this.provideOwnAccounts(tx, entries);
    const lines = entries.flatMap(({ entryId, lines }) =>
      lines.map((line, index) => ({ entryId, lineNo: index + 1, ...line })),
    );
    tx.write(INSERT_ENTRIES, [ENTRY_ROWS.valueOf(entries), LINE_ROWS.valueOf(lines)]);
  }

  private provideOwnAccounts(tx: SqlTransaction, entries: readonly Entry[]): void {
    const missing = new Map<string, string>();
    for (const { currency, lines } of entries) {
      for (const { ledgerAccountId, balanceAfter } of lines) {
        if (balanceAfter === null && !this.ownAccountsThere.has(ledgerAccountId))
          missing.set(ledgerAccountId, currency);
      }
    }
    if (missing.size === 0) return;
    tx.write(INSERT_OWN_ACCOUNTS, [[...missing.keys()], [...missing.values()]]);
    tx.afterCommit(() => [...missing.keys()].forEach((id) => this.ownAccountsThere.add(id)));
  }
}

/** Asks nothing where there is nothing to ask about. */
async function rowsAbout<Row extends QueryResultRow>(
  tx: SqlTransaction,
  statement: Statement,
  ids: readonly string[],
  ...beside: readonly (readonly string[])[]
): Promise<Row[]> {
  return ids.length === 0 ? [] : tx.query<Row>(statement, [ids, ...beside]);
}

const entriesOf = (rows: readonly CreditOrRefundRow[], kind: CreditOrRefundRow['kind']) =>
  rows.filter((row) => row.kind === kind).map((row) => ({ transferId: row.cause_id, entryId: row.entry_id }));

export function balancesOf(account: Account, asOf: string): Balances {
  return {
    accountId: account.accountId,
    ledger: account.ledger.toString(),
    held: account.held.toString(),
    available: availableOf(account).toString(),
    currency: account.currency,
    asOf,
  };
}
