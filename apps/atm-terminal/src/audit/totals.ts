import { digestHashSql } from '#contracts';
import type { Statement } from '#database';

/**
 * Up to when every request is decided: before any transaction that is still running began. Read before the snapshot, so that
 * what began before it is in the snapshot or was rolled back.
 */
export const AS_OF: Statement = {
  name: 'audit-as-of',
  text: `SELECT date_trunc('milliseconds', least(clock_timestamp(), min(xact_start))) - interval '10 milliseconds' AS as_of
           FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()`,
};

/** All of the audit reads one snapshot. */
export const ONE_SNAPSHOT: Statement = {
  name: 'audit-snapshot',
  text: `SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY`,
};

/** Everything that the host may or may not know yet, or that is younger than $1 and therefore not in what is compared. */
export const IN_FLIGHT: Statement = {
  name: 'audit-in-flight',
  text: `SELECT withdrawal_id AS id FROM withdrawal
          WHERE settled_at IS NULL AND state IN ('authorising', 'dispensing', 'dispensed', 'reversing', 'suspense')
             OR created_at > $1 AND taken + rejected + retracted + suspense > 0
         UNION ALL SELECT deposit_id FROM deposit WHERE state = 'accepted' OR created_at > $1`,
};

/** The host was asked and has not answered, or nobody has asked again. */
export const UNDECIDED_TRANSFERS: Statement = {
  name: 'audit-undecided-transfers',
  text: `SELECT transfer_id AS id FROM transfer WHERE state = 'requested'`,
};

/** What both sides speak of: requested up to $1 and answered. */
const ANSWERED = `created_at <= $1 AND settled_at IS NOT NULL`;

const digestOf = (name: string, table: string, id: string, amount: string): Statement => ({
  name,
  text: `SELECT count(*)::integer AS count, coalesce(sum(${amount}), 0)::text AS amount, ${digestHashSql(id, amount)} AS hash
           FROM ${table} WHERE ${amount} > 0 AND ${ANSWERED}`,
});

export const WITHDRAWALS = digestOf('audit-withdrawals', 'withdrawal', 'withdrawal_id', 'taken');
export const DEPOSITS = digestOf('audit-deposits', 'deposit', 'deposit_id', 'amount');

export const CASH: Statement = {
  name: 'audit-cash',
  text: `SELECT t.terminal_id AS "terminalId", coalesce(c.loaded, 0)::text AS loaded, coalesce(c.remaining, 0)::text AS remaining,
                coalesce(w.taken, 0)::text AS taken, coalesce(w.stood_in, 0)::text AS "stoodIn", coalesce(w.rejected, 0)::text AS rejected,
                coalesce(w.retracted, 0)::text AS retracted, coalesce(w.suspense, 0)::text AS suspense,
                coalesce(d.amount, 0)::text AS deposited
           FROM terminal t
           LEFT JOIN (SELECT terminal_id, sum(loaded * denomination) AS loaded, sum(remaining::bigint * denomination) AS remaining
                        FROM cassette GROUP BY 1) c USING (terminal_id)
           LEFT JOIN (SELECT terminal_id, sum(taken) AS taken,
                             sum(taken) FILTER (WHERE authorisation = 'stand-in') AS stood_in, sum(rejected) AS rejected, sum(retracted) AS retracted,
                             sum(suspense) AS suspense
                        FROM withdrawal WHERE ${ANSWERED} GROUP BY 1) w USING (terminal_id)
           LEFT JOIN (SELECT terminal_id, sum(amount) AS amount FROM deposit WHERE ${ANSWERED} GROUP BY 1) d USING (terminal_id)
          ORDER BY 1`,
};
