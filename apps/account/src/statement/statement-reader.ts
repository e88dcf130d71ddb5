import { Injectable } from '@nestjs/common';
import type { HostStatement } from '#contracts';
import { Database, type Statement } from '#database';
import { Problem } from '#platform';

const READ_STATEMENT: Statement = {
  name: 'read-statement',
  text: /* sql */ `
    SELECT entry_id, posted_at, CASE WHEN kind LIKE 'transfer-%' THEN 'transfer' ELSE kind END AS kind, amount, balance_after, rrn
      FROM ledger_line JOIN ledger_entry USING (entry_id)
     WHERE ledger_account_id = $1 AND balance_after IS NOT NULL
     ORDER BY posted_no DESC LIMIT $2`,
};

const ACCOUNT_EXISTS: Statement = {
  name: 'account-exists',
  text: /* sql */ `SELECT FROM account WHERE account_id = $1`,
};

type StatementRow = {
  entry_id: string;
  posted_at: Date;
  kind: 'opening' | 'withdrawal' | 'deposit' | 'transfer';
  amount: string;
  balance_after: string;
  rrn: string | null;
};

/** Entries of an account, newest first. */
@Injectable()
export class StatementReader {
  constructor(private readonly database: Database) {}

  /** Throws `not-found` where there is no such account. */
  async read(accountId: string, limit: number): Promise<HostStatement> {
    const rows = await this.database.query<StatementRow>(READ_STATEMENT, [accountId, limit]);
    if (rows.length === 0 && (await this.database.query(ACCOUNT_EXISTS, [accountId])).length === 0)
      throw new Problem('not-found', 'There is no such account.');
    return {
      entries: rows.map((row) => ({
        entryId: row.entry_id,
        at: row.posted_at.toISOString(),
        kind: row.kind,
        amount: row.amount,
        balance: row.balance_after,
        rrn: row.rrn,
      })),
    };
  }
}
