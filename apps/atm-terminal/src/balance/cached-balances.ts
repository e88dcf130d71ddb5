import { Database, type SqlTransaction, type Statement } from '#database';
import { Injectable } from '@nestjs/common';
import type { Balances } from '#contracts';
import { BALANCES } from '../persistence/schema/put-cached-balances.js';

const PUT: Statement = {
  name: 'cached-balance-put',
  text: `WITH put AS MATERIALIZED (SELECT put_cached_balances($1::jsonb)) SELECT FROM put`,
};

const READ: Statement = {
  name: 'cached-balance-read',
  text: `SELECT account_id, ledger, held, available, currency, as_of FROM cached_balance WHERE account_id = $1`,
};

interface Row extends Record<string, unknown> {
  readonly account_id: string;
  readonly ledger: string;
  readonly held: string;
  readonly available: string;
  readonly currency: string;
  readonly as_of: Date;
}

/** Balances as the host last told them: for the screen while the host is away, and for stand-in. */
@Injectable()
export class CachedBalances {
  constructor(private readonly database: Database) {}

  /** Within `tx` where given. */
  async put(balances: readonly Balances[], tx?: SqlTransaction): Promise<void> {
    if (balances.length === 0) return;
    const values = [balanceRows(balances)];
    if (tx === undefined) await this.database.query(PUT, values);
    else tx.write(PUT, values);
  }

  /** Null for an account that was never heard of. */
  async find(accountId: string): Promise<Balances | null> {
    const [row] = await this.database.query<Row>(READ, [accountId]);
    if (row === undefined) return null;
    const { ledger, held, available, currency } = row;
    return { accountId: row.account_id, ledger, held, available, currency, asOf: row.as_of.toISOString() };
  }
}

/** What the SQL function `put_cached_balances` takes. */
export const balanceRows = (balances: readonly Balances[]): string => BALANCES.valueOf(newest(balances));

function newest(balances: readonly Balances[]): Balances[] {
  const byAccount = new Map<string, Balances>();
  for (const one of balances) {
    const other = byAccount.get(one.accountId);
    if (other === undefined || Date.parse(other.asOf) < Date.parse(one.asOf)) byAccount.set(one.accountId, one);
  }
  return [...byAccount.values()];
}
