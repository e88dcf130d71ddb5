import type { Statement } from '#database';
import type { WithdrawalState } from '#contracts';
import { minorUnits, type Notes } from '#money';
import type { Session } from '../session/session.js';
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
  readonly fingerprint: string | null;
}

const COLUMNS = `w.withdrawal_id, w.session_id, w.terminal_id, w.account_id, s.card_token, s.broker, w.currency, w.state, w.amount,
  w.authorisation, w.response_code, w.note_mix, w.dispensed, w.taken, w.rejected, w.retracted, w.suspense, w.stan, w.rrn,
  w.created_at, w.dispensed_at, w.settled_at, w.fingerprint`;

/** What the database adds to a withdrawal that is selected. */
export interface SelectedRow extends Record<string, unknown> {
  readonly withdrawal_id: string;
  readonly stan: string;
  readonly rrn: string;
  readonly created_at: Date;
}

/** Creates what is not there yet, for sessions that last; answers only what it created. What is there is left alone: another look tells what became of it. */
export const SELECT: Statement = {
  name: 'withdrawal-select',
  text: `INSERT INTO withdrawal (withdrawal_id, session_id, terminal_id, account_id, currency, state)
         SELECT g.withdrawal_id, s.session_id, s.terminal_id, s.account_id, s.currency, 'awaiting-amount'
           FROM unnest($1::uuid[], $2::uuid[]) AS g (withdrawal_id, session_id)
          CROSS JOIN LATERAL (SELECT * FROM session WHERE session_id = g.session_id LIMIT 1) AS s
          WHERE s.ended_at IS NULL AND s.expires_at > now()
          ORDER BY g.withdrawal_id
         ON CONFLICT DO NOTHING
         RETURNING withdrawal_id, stan, rrn, created_at`,
};

export const READ: Statement = {
  name: 'withdrawal-read',
  text: `SELECT ${COLUMNS} FROM withdrawal w JOIN session s USING (session_id) WHERE w.withdrawal_id = ANY($1::uuid[])`,
};

/** Before anything else of theirs is locked: every writer of this app takes locks in this order. */
export const LOCK_TERMINALS: Statement = {
  name: 'withdrawal-lock-terminals',
  text: `SELECT date_trunc('milliseconds', now()) AS now FROM terminal WHERE terminal_id = ANY($1::text[])
          ORDER BY terminal_id FOR NO KEY UPDATE`,
};

/** Under their terminals' locks, and in a statement of its own, so that it sees what the last holder has committed. */
export const LOCK: Statement = {
  name: 'withdrawal-lock',
  text: `SELECT ${COLUMNS} FROM withdrawal w JOIN session s USING (session_id)
          WHERE w.withdrawal_id = ANY($1::uuid[]) ORDER BY w.withdrawal_id FOR NO KEY UPDATE OF w`,
};

/** $1 ids, $2 sessions, $3 scopes and $4 keys of the claims (null where there is none): whose session has ended, or whose key was claimed for something else. */
export const REFUSED: Statement = {
  name: 'withdrawal-refused',
  text: `SELECT g.withdrawal_id
           FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[]) AS g (withdrawal_id, session_id, scope, key)
           LEFT JOIN session s ON s.session_id = g.session_id AND s.ended_at IS NULL AND s.expires_at > now()
           LEFT JOIN idempotency i ON (i.scope, i.key) = (g.scope, g.key)
          WHERE s.session_id IS NULL OR i.key IS NOT NULL`,
};

/**
 * $1 terminals concerned, $2 withdrawals that arrive, $3 withdrawals that move, $4 changes of cassettes, $5 of the terminals' totals, $6 journal records,
 * $7 balances that were heard of, $8 messages. All of it in one transaction, or an error that `isOutdated` knows where a withdrawal is not as it was seen, or the notes are not there.
 */
export const STORE: Statement = {
  name: 'withdrawal-store',
  text: `SELECT store_withdrawal_steps($1::text[], $2::jsonb, $3::jsonb, $4::jsonb, $5::jsonb, $6::jsonb, $7::jsonb, $8::jsonb) AS at`,
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

/** What was decided without locks does not fit what the database has: nothing was stored, and it must be decided again under locks. */
export function isOutdated(error: unknown): boolean {
  const { code, constraint } = (error ?? {}) as { readonly code?: unknown; readonly constraint?: unknown };
  return code === 'CP001' || (code === '23514' && String(constraint).startsWith('cassette_'));
}

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

/** A withdrawal that nobody has asked an amount for yet. */
export function newWithdrawal(
  { sessionId, terminalId, accountId, cardToken, broker, currency }: Session,
  facts: Pick<Withdrawal, 'withdrawalId' | 'stored' | 'stan' | 'rrn' | 'createdAt' | 'fingerprint'>,
): Withdrawal {
  const nothing = minorUnits(0n);
  return {
    ...{ ...facts, sessionId, terminalId, accountId, cardToken, broker, currency },
    ...{
      state: 'awaiting-amount',
      amount: null,
      authorisation: null,
      responseCode: null,
      noteMix: null,
      dispensed: [],
    },
    ...{ taken: nothing, rejected: nothing, retracted: nothing, suspense: nothing },
    ...{ dispensedAt: null, settledAt: null },
  };
}

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
    stored: true,
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
    fingerprint: row.fingerprint,
  };
}
