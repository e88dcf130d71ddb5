import type { Statement } from '#database';
import type { WithdrawalState } from '#contracts';
import { minorUnits, type Notes } from '#money';
import type { Withdrawal } from './withdrawal.js';

export interface WithdrawalRow extends Record<string, unknown> {
  readonly withdrawal_id: string;
  readonly session_id: string;
  readonly terminal_id: string;
  readonly account_id: string;
  readonly card_token: string;
  readonly broker: string;
  readonly currency: string;
  readonly state: WithdrawalState;
  readonly amount: string | null;
  readonly authorisation: 'host' | 'stand-in' | null;
  readonly response_code: string | null;
  readonly note_mix: Notes[] | null;
  readonly dispensed: Notes[];
  readonly taken: string;
  readonly rejected: string;
  readonly retracted: string;
  readonly suspense: string;
  readonly stan: string;
  readonly rrn: string;
  readonly created_at: Date;
  readonly dispensed_at: Date | null;
  readonly settled_at: Date | null;
}

const COLUMNS = `w.withdrawal_id, w.session_id, w.terminal_id, w.account_id, s.card_token, s.broker, w.currency, w.state, w.amount,
  w.authorisation, w.response_code, w.note_mix, w.dispensed, w.taken, w.rejected, w.retracted, w.suspense, w.stan, w.rrn,
  w.created_at, w.dispensed_at, w.settled_at`;

/** Creates what is not there yet; answers only what it created. */
export const CREATE: Statement = {
  name: 'withdrawal-create',
  text: `WITH created AS (
           INSERT INTO withdrawal (withdrawal_id, session_id, terminal_id, account_id, currency, state, amount)
           SELECT g.withdrawal_id, g.session_id, s.terminal_id, s.account_id, s.currency,
                  CASE WHEN g.amount IS NULL THEN 'awaiting-amount' ELSE 'authorising' END, g.amount
             FROM unnest($1::uuid[], $2::uuid[], $3::bigint[]) AS g (withdrawal_id, session_id, amount)
             JOIN session s USING (session_id)
            ORDER BY g.withdrawal_id
           ON CONFLICT DO NOTHING
           RETURNING *)
         SELECT ${COLUMNS} FROM created w JOIN session s USING (session_id)`,
};

export const READ: Statement = {
  name: 'withdrawal-read',
  text: `SELECT ${COLUMNS} FROM withdrawal w JOIN session s USING (session_id) WHERE w.withdrawal_id = ANY($1::uuid[])`,
};

/** Locks the terminals in the order of their ids and under each its withdrawals: every writer of this app takes locks in this order. */
export const LOCK: Statement = {
  name: 'withdrawal-lock',
  text: `SELECT ${COLUMNS}, date_trunc('milliseconds', now()) AS now
           FROM withdrawal w JOIN session s USING (session_id) JOIN terminal t ON t.terminal_id = w.terminal_id
          WHERE w.withdrawal_id = ANY($1::uuid[])
          ORDER BY w.terminal_id, w.withdrawal_id
            FOR NO KEY UPDATE OF t, w`,
};

/**
 * $1 withdrawals, each moved only where its state is still what was read; $2 changes of cassettes; $3 journal records. Answers how many
 * withdrawals moved.
 */
export const STORE: Statement = {
  name: 'withdrawal-store',
  text: `WITH moved AS (
           UPDATE withdrawal w
              SET state = g.state, amount = g.amount, authorisation = g.authorisation, response_code = g.response_code,
                  note_mix = g.note_mix, dispensed = g.dispensed, taken = g.taken, rejected = g.rejected,
                  retracted = g.retracted, suspense = g.suspense, dispensed_at = g.dispensed_at, updated_at = now()
             FROM jsonb_to_recordset($1::jsonb)
                  AS g (withdrawal_id uuid, was text, state text, amount bigint, authorisation text, response_code text,
                        note_mix jsonb, dispensed jsonb, taken bigint, rejected bigint, retracted bigint, suspense bigint,
                        dispensed_at timestamptz)
            WHERE w.withdrawal_id = g.withdrawal_id AND w.state = g.was
            RETURNING w.withdrawal_id, w.terminal_id, w.state, w.suspense),
         notes AS (
           UPDATE cassette c SET remaining = c.remaining + g.change
             FROM jsonb_to_recordset($2::jsonb) AS g (terminal_id text, denomination integer, change integer)
            WHERE (c.terminal_id, c.denomination) = (g.terminal_id, g.denomination)),
         cases AS (
           INSERT INTO suspense_case (withdrawal_id, terminal_id, amount)
           SELECT withdrawal_id, terminal_id, suspense FROM moved WHERE state = 'suspense'),
         journaled AS MATERIALIZED (SELECT append_journal($3::jsonb))
         SELECT (SELECT count(*)::integer FROM moved) AS moved FROM journaled`,
};

/**
 * Those that moved last, newest first, as the newest records of every terminal's journal name them: withdrawals have no index by time, since
 * every one of them would pay for it.
 */
export const RECENT: Statement = {
  name: 'withdrawal-recent',
  text: `WITH moved AS (
           SELECT (record.data ->> 'withdrawalId')::uuid AS withdrawal_id, max(record.at) AS at
             FROM terminal t
             CROSS JOIN LATERAL (SELECT data, at FROM journal j WHERE j.terminal_id = t.terminal_id
                                  ORDER BY seq DESC LIMIT $1::integer * 6) record
            WHERE record.data ? 'withdrawalId'
            GROUP BY 1 ORDER BY 2 DESC LIMIT $1)
         SELECT ${COLUMNS} FROM moved JOIN withdrawal w USING (withdrawal_id) JOIN session s USING (session_id)
          ORDER BY moved.at DESC`,
};

/** Left by their replica: nobody has moved them for $1 milliseconds. */
export const UNFINISHED: Statement = {
  name: 'withdrawal-unfinished',
  text: `SELECT ${COLUMNS} FROM withdrawal w JOIN session s USING (session_id)
          WHERE w.state IN ('authorising', 'dispensing') AND w.updated_at < now() - make_interval(secs => $1 / 1000.0)
          ORDER BY w.updated_at LIMIT $2`,
};

/** The host has answered their advice. */
export const SETTLE: Statement = {
  name: 'withdrawal-settle',
  text: `UPDATE withdrawal
            SET state = CASE state WHEN 'dispensed' THEN 'settled' WHEN 'reversing' THEN 'reversed' ELSE state END,
                settled_at = date_trunc('milliseconds', now()), updated_at = now()
          WHERE withdrawal_id = ANY($1::uuid[]) AND settled_at IS NULL AND state IN ('dispensed', 'reversing', 'suspense')`,
};

export function fromRow(row: WithdrawalRow): Withdrawal {
  return {
    withdrawalId: row.withdrawal_id,
    sessionId: row.session_id,
    terminalId: row.terminal_id,
    accountId: row.account_id,
    cardToken: row.card_token,
    broker: row.broker,
    currency: row.currency,
    state: row.state,
    amount: row.amount === null ? null : minorUnits(row.amount),
    authorisation: row.authorisation,
    responseCode: row.response_code,
    noteMix: row.note_mix,
    dispensed: row.dispensed,
    taken: minorUnits(row.taken),
    rejected: minorUnits(row.rejected),
    retracted: minorUnits(row.retracted),
    suspense: minorUnits(row.suspense),
    stan: row.stan,
    rrn: row.rrn,
    createdAt: row.created_at,
    dispensedAt: row.dispensed_at,
    settledAt: row.settled_at,
  };
}

/** What `STORE` takes for one withdrawal. */
export function toStored(was: WithdrawalState, withdrawal: Withdrawal) {
  return {
    withdrawal_id: withdrawal.withdrawalId,
    was,
    state: withdrawal.state,
    amount: withdrawal.amount?.toString() ?? null,
    authorisation: withdrawal.authorisation,
    response_code: withdrawal.responseCode,
    note_mix: withdrawal.noteMix,
    dispensed: withdrawal.dispensed,
    taken: withdrawal.taken.toString(),
    rejected: withdrawal.rejected.toString(),
    retracted: withdrawal.retracted.toString(),
    suspense: withdrawal.suspense.toString(),
    dispensed_at: withdrawal.dispensedAt?.toISOString() ?? null,
  };
}
