import type { Statement } from '#database';

/** `as_of` is read once each row is locked, so that it orders the changes of one account as their commits do. */
const lockAccounts = (name: string, waiting: '' | 'NOWAIT'): Statement => ({
  name,
  text: /* sql */ `
    WITH locked AS MATERIALIZED (
      SELECT * FROM account WHERE account_id = ANY($1::text[]) ORDER BY account_id FOR NO KEY UPDATE ${waiting}
    )
    SELECT account_id, currency, status, ledger_balance, held, forced, overdraft_limit,
           to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS as_of
      FROM locked`,
});

/** Locks the accounts of a batch in one order, so that batches never wait for each other in a circle. */
export const LOCK_ACCOUNTS = lockAccounts('lock-accounts', '');

/** For a transaction that holds accounts already: what it needs now may be out of order, so it must not wait for it. */
export const LOCK_MORE_ACCOUNTS = lockAccounts('lock-more-accounts', 'NOWAIT');

/** Authorisations and cards of a batch, read after the accounts' locks, which protect both against other batches. */
export const LOAD_WITHDRAWALS: Statement = {
  name: 'load-withdrawals',
  text: /* sql */ `
    SELECT authorisation.withdrawal_id, authorisation.account_id, authorisation.card_token, terminal_id, stan, rrn,
           requested_at, state, amount, taken, suspense, forced, response_code, counted_on::text, entry_id, advice_id,
           card.card_token AS card, card.account_id AS card_account_id, card.status AS card_status,
           card.daily_limit, card.spent_on::text, card.spent
      FROM unnest($1::uuid[], $2::text[]) AS asked (withdrawal_id, card_token)
      LEFT JOIN authorisation ON authorisation.withdrawal_id = asked.withdrawal_id
      LEFT JOIN card ON card.card_token = asked.card_token`,
};

export const LOAD_DEPOSITS: Statement = {
  name: 'load-deposits',
  text: /* sql */ `SELECT cause_id, entry_id FROM ledger_entry WHERE kind = 'deposit' AND cause_id = ANY($1::uuid[])`,
};

export const LOAD_TRANSFERS: Statement = {
  name: 'load-transfers',
  text: /* sql */ `
    SELECT transfer_id, from_account_id, to_account_id, to_broker, amount, rrn, requested_at, response_code, entry_id
      FROM transfer WHERE transfer_id = ANY($1::uuid[])`,
};

/** What the other side of transfers between brokers has already led to here. */
export const LOAD_CREDITS_AND_REFUNDS: Statement = {
  name: 'load-credits-and-refunds',
  text: /* sql */ `
    SELECT cause_id, kind, entry_id FROM ledger_entry
     WHERE kind IN ('transfer-credit', 'transfer-refund') AND cause_id = ANY($1::uuid[])`,
};
