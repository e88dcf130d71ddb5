import type { Statement } from '#database';
import type { DepositReceipt } from '#contracts';
import { minorUnits, toNumber, type MinorUnits, type Notes } from '#money';

/** Notes that were put in, as the terminal database has them. */
export interface Deposit {
  readonly depositId: string;
  readonly sessionId: string;
  readonly terminalId: string;
  readonly accountId: string;
  readonly currency: string;
  readonly notes: readonly Notes[];
  readonly amount: MinorUnits;
  readonly state: 'accepted' | 'settled';
  readonly stan: string;
  readonly rrn: string;
  readonly createdAt: Date;
  readonly settledAt: Date | null;
}

export interface DepositRow extends Record<string, unknown> {
  readonly deposit_id: string;
  readonly session_id: string;
  readonly terminal_id: string;
  readonly account_id: string;
  readonly currency: string;
  readonly notes: Notes[];
  readonly amount: string;
  readonly state: 'accepted' | 'settled';
  readonly stan: string;
  readonly rrn: string;
  readonly created_at: Date;
  readonly settled_at: Date | null;
}

/** Answers what it created only, which its terminal's total then has. */
export const CREATE: Statement = {
  name: 'deposit-create',
  text: `WITH created AS (
           INSERT INTO deposit (deposit_id, session_id, terminal_id, account_id, currency, notes, amount)
           VALUES ($1, $2, $3, $4, $5, $6::jsonb, $7) ON CONFLICT DO NOTHING RETURNING *
         ), counted AS (
           UPDATE terminal t SET deposited = t.deposited + created.amount FROM created WHERE t.terminal_id = created.terminal_id
         )
         SELECT * FROM created`,
};

export const READ: Statement = { name: 'deposit-read', text: `SELECT * FROM deposit WHERE deposit_id = $1` };

export const SETTLE: Statement = {
  name: 'deposit-settle',
  text: `UPDATE deposit SET state = 'settled', settled_at = date_trunc('milliseconds', now())
          WHERE deposit_id = ANY($1::uuid[]) AND state = 'accepted'`,
};

export function fromRow(row: DepositRow): Deposit {
  return {
    depositId: row.deposit_id,
    sessionId: row.session_id,
    terminalId: row.terminal_id,
    accountId: row.account_id,
    currency: row.currency,
    notes: row.notes,
    amount: minorUnits(row.amount),
    state: row.state,
    stan: row.stan,
    rrn: row.rrn,
    createdAt: row.created_at,
    settledAt: row.settled_at,
  };
}

/** As the HTTP contract shows it. */
export function receiptOf(deposit: Deposit): DepositReceipt {
  const { depositId, sessionId, accountId, amount, currency, notes, state, stan, rrn } = deposit;
  return {
    depositId,
    sessionId,
    accountId,
    amount: toNumber(amount),
    currency,
    notes: notes.map(({ denomination, count }) => ({ denomination, count })),
    state,
    stan,
    rrn,
    createdAt: deposit.createdAt.toISOString(),
    settledAt: deposit.settledAt?.toISOString() ?? null,
  };
}
