import { Injectable } from '@nestjs/common';
import type { Balances } from '#contracts';
import { Database, GroupCommit, REQUEST_GROUPS, type Statement } from '#database';
import { Problem } from '#platform';
import { balancesOf } from '../persistence/ledger-store.js';
import { accountOf, type AccountRow } from '../persistence/rows.js';

/** `as_of` is the instant just before the statement's snapshot, so a balance is never claimed newer than it is. */
const READ_BALANCES: Statement = {
  name: 'read-balances',
  text: /* sql */ `
    SELECT account_id, currency, status, ledger_balance, held, forced, overdraft_limit,
           to_char(statement_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS as_of
      FROM account WHERE account_id = ANY($1::text[])`,
};

/** Reads balances without a lock; reads that arrive together share a statement. */
@Injectable()
export class BalanceReader {
  private readonly batches: GroupCommit<string, AccountRow | undefined>;

  constructor(database: Database) {
    this.batches = new GroupCommit({
      ...REQUEST_GROUPS,
      run: async (accountIds) => {
        const rows = await database.query<AccountRow>(READ_BALANCES, [[...new Set(accountIds)]]);
        const byId = new Map(rows.map((row) => [row.account_id, row]));
        return accountIds.map((accountId) => byId.get(accountId));
      },
    });
  }

  /** Throws `not-found` where there is no such account. */
  async read(accountId: string): Promise<Balances> {
    const row = await this.batches.submit(accountId);
    if (row === undefined) throw new Problem('not-found', 'There is no such account.');
    return balancesOf(accountOf(row), row.as_of);
  }
}
