import { digestHashSql, MESSAGE } from '#contracts';
import type { Statement } from '#database';

/** What both sides speak of: requested up to $1, and not among $2, which are still on their way. */
const settled = (id: string) => /* sql */ `requested_at <= $1::timestamptz AND NOT (${id} = ANY($2::uuid[]))`;
const SETTLED = settled('cause_id');

const digestOf = (name: string, kind: 'withdrawal' | 'deposit', amount: string): Statement => ({
  name,
  text: /* sql */ `
    SELECT count(*)::integer AS count, coalesce(sum(${amount}), 0)::text AS amount,
           ${digestHashSql('cause_id', `(${amount})`)} AS hash
      FROM ledger_entry JOIN ledger_line USING (entry_id)
     WHERE kind = '${kind}' AND balance_after IS NOT NULL AND ${SETTLED}`,
});

export const DIGEST_WITHDRAWALS = digestOf('digest-withdrawals', 'withdrawal', '-amount');
export const DIGEST_DEPOSITS = digestOf('digest-deposits', 'deposit', 'amount');

export const CASH_TOTALS: Statement = {
  name: 'cash-totals',
  text: /* sql */ `
    SELECT terminal_id AS "terminalId",
           coalesce(sum(amount) FILTER (WHERE own.kind = 'atm-cash'), 0)::text AS "atmCash",
           coalesce(-sum(amount) FILTER (WHERE own.kind = 'customer' AND entry.kind = 'withdrawal'), 0)::text AS taken,
           coalesce(min(unauthorised.paid), 0)::text AS unauthorised,
           coalesce(-sum(amount) FILTER (WHERE own.kind = 'atm-bin'), 0)::text AS bins,
           coalesce(-sum(amount) FILTER (WHERE own.kind = 'suspense'), 0)::text AS suspense,
           coalesce(-sum(amount) FILTER (WHERE own.kind = 'atm-deposit'), 0)::text AS deposited
      FROM ledger_entry entry JOIN ledger_line USING (entry_id) JOIN ledger_account own USING (ledger_account_id)
           LEFT JOIN (SELECT terminal_id, sum(taken) AS paid
                        FROM authorisation
                       WHERE state = 'completed' AND response_code IS DISTINCT FROM '00' AND ${settled('withdrawal_id')}
                       GROUP BY 1) unauthorised USING (terminal_id)
     WHERE terminal_id IS NOT NULL AND ${SETTLED}
     GROUP BY terminal_id ORDER BY terminal_id`,
};

/** Suspended holds are open on purpose, until their case is resolved. */
export const STRAY_HOLDS: Statement = {
  name: 'stray-holds',
  text: /* sql */ `
    SELECT count(*)::integer AS count FROM authorisation
     WHERE state = 'held' AND ${settled('withdrawal_id')}`,
};

/** What stands in clearing with each other broker, by the transfers that it is made of; a refunded one is nothing. */
export const TRANSFERS: Statement = {
  name: 'audit-transfers',
  text: /* sql */ `
    SELECT broker, direction, count(*)::integer AS count, sum(amount)::text AS amount,
           ${digestHashSql('cause_id', 'amount')} AS hash
      FROM (SELECT split_part(ledger_account_id, ':', 2) AS broker, cause_id,
                   CASE WHEN kind = 'transfer-credit' THEN 'in' ELSE 'out' END AS direction,
                   sum(CASE WHEN kind = 'transfer-credit' THEN -amount ELSE amount END)::bigint AS amount
              FROM ledger_entry JOIN ledger_line USING (entry_id)
             WHERE ledger_account_id LIKE 'transfer-clearing:%' AND ${SETTLED}
             GROUP BY 1, 2, 3) transferred
     WHERE amount <> 0
     GROUP BY broker, direction ORDER BY broker`,
};

/** Debited here, and the other broker has not answered. */
export const TRANSFERS_IN_FLIGHT: Statement = {
  name: 'audit-transfers-in-flight',
  text: /* sql */ `SELECT dialog_id AS id FROM messaging.transmission_queue WHERE type = '${MESSAGE.transferCredit}'`,
};

/** Messages that failed, or ended the process, until they were given up. One that is still being tried again is on its way. */
export const PARKED_MESSAGES: Statement = {
  name: 'audit-parked-messages',
  text: /* sql */ `
    SELECT count(*)::integer AS count FROM messaging.parked_message
     WHERE reason IN ('failed', 'crashed') AND next_attempt_at IS NULL`,
};
