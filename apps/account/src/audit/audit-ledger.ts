import { Injectable } from '@nestjs/common';
import type { Digest, HostAudit, HostAuditRequest } from '#contracts';
import { Database, FREE_PLANS, type SqlTransaction, type Statement } from '#database';
import { INVARIANTS, type Invariant } from './checks.js';
import {
  CASH_TOTALS,
  DIGEST_DEPOSITS,
  DIGEST_WITHDRAWALS,
  PARKED_MESSAGES,
  STRAY_HOLDS,
  TRANSFERS,
  TRANSFERS_IN_FLIGHT,
} from './totals.js';

/** All of the audit reads one snapshot. */
const ONE_SNAPSHOT: Statement = {
  name: 'audit-snapshot',
  text: /* sql */ `SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY`,
};

/** Checks every invariant of the account database from its rows alone, and sums up what the terminals can compare. */
@Injectable()
export class AuditLedger {
  constructor(private readonly database: Database) {}

  /** Transfers to other brokers that have not answered yet. */
  async transfersInFlight(): Promise<string[]> {
    return (await this.database.query<{ id: string }>(TRANSFERS_IN_FLIGHT)).map(({ id }) => id);
  }

  audit({ asOf, inFlight }: HostAuditRequest): Promise<HostAudit> {
    const settled = [asOf, inFlight];
    return this.database.transaction(async (tx) => {
      await tx.query(ONE_SNAPSHOT);
      await tx.query(FREE_PLANS);
      const checks: HostAudit['checks'] = [];
      for (const [index, invariant] of INVARIANTS.entries()) checks.push(await check(tx, invariant, index));
      return {
        checks,
        withdrawals: await one<Digest>(tx, DIGEST_WITHDRAWALS, settled),
        deposits: await one<Digest>(tx, DIGEST_DEPOSITS, settled),
        cash: await tx.query<HostAudit['cash'][number]>(CASH_TOTALS, settled),
        transfers: byBroker(await tx.query<TransfersRow>(TRANSFERS, settled)),
        strayHolds: (await one<{ count: number }>(tx, STRAY_HOLDS, settled)).count,
        parkedMessages: (await one<{ count: number }>(tx, PARKED_MESSAGES, [])).count,
      };
    });
  }
}

type TransfersRow = Digest & { readonly broker: string; readonly direction: 'in' | 'out' };

const NONE: Digest = { count: 0, amount: '0', hash: '0' };

function byBroker(rows: readonly TransfersRow[]): HostAudit['transfers'] {
  const digest = (broker: string, direction: TransfersRow['direction']): Digest => {
    const row = rows.find((one) => one.broker === broker && one.direction === direction);
    return row === undefined ? NONE : { count: row.count, amount: row.amount, hash: row.hash };
  };
  const brokers = [...new Set(rows.map(({ broker }) => broker))];
  return brokers.map((broker) => ({ broker, out: digest(broker, 'out'), in: digest(broker, 'in') }));
}

async function check(tx: SqlTransaction, { name, violations }: Invariant, index: number) {
  const statement = {
    name: `audit-${index}`,
    text: `SELECT count(*)::integer AS count FROM (${violations}) violation`,
  };
  const { count } = await one<{ count: number }>(tx, statement, []);
  return { name, ok: count === 0, expected: '0 violations', observed: `${count} violations` };
}

async function one<Row extends object>(tx: SqlTransaction, statement: Statement, values: unknown[]): Promise<Row> {
  const [row] = await tx.query(statement, values);
  if (row === undefined) throw new Error(`${statement.name} found no row`);
  return row as Row;
}
