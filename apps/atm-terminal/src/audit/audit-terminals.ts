import { Injectable } from '@nestjs/common';
import type { AuditCheck, Digest, TerminalAudit, TerminalCash } from '#contracts';
import { Database, FREE_PLANS, type SqlTransaction, type Statement } from '#database';
import { INVARIANTS, type Invariant } from './checks.js';
import { AS_OF, CASH, DEPOSITS, IN_FLIGHT, ONE_SNAPSHOT, UNDECIDED_TRANSFERS, WITHDRAWALS } from './totals.js';

/** Checks every invariant of the terminal database from its rows alone, and sums up what the hosts can be compared with. */
@Injectable()
export class AuditTerminals {
  constructor(private readonly database: Database) {}

  async audit(): Promise<TerminalAudit> {
    const [moment] = await this.database.query<{ as_of: Date }>(AS_OF);
    if (moment === undefined) throw new Error('the database has no time');
    return this.database.transaction(async (tx) => {
      await tx.query(ONE_SNAPSHOT);
      await tx.query(FREE_PLANS);
      const inFlight = await tx.query<{ id: string }>(IN_FLIGHT, [moment.as_of]);
      const undecided = await tx.query<{ id: string }>(UNDECIDED_TRANSFERS);
      const checks: AuditCheck[] = [];
      for (const [index, invariant] of INVARIANTS.entries()) checks.push(await check(tx, invariant, index));
      return {
        asOf: moment.as_of.toISOString(),
        inFlight: inFlight.map(({ id }) => id),
        undecidedTransfers: undecided.map(({ id }) => id),
        withdrawals: await digest(tx, WITHDRAWALS, moment.as_of),
        deposits: await digest(tx, DEPOSITS, moment.as_of),
        cash: await tx.query<TerminalCash>(CASH, [moment.as_of]),
        checks,
      };
    });
  }
}

async function check(tx: SqlTransaction, { name, violations }: Invariant, index: number): Promise<AuditCheck> {
  const text = `SELECT count(*)::integer AS count FROM (${violations}) violation`;
  const [row] = await tx.query<{ count: number }>({ name: `audit-check-${index}`, text });
  const count = row?.count ?? -1;
  return { name, ok: count === 0, expected: '0 violations', observed: `${count} violations` };
}

async function digest(tx: SqlTransaction, statement: Statement, asOf: Date): Promise<Digest> {
  const [row] = await tx.query<Digest>(statement, [asOf]);
  if (row === undefined) throw new Error(`${statement.name} found no row`);
  return row;
}
