/**
 * Withdrawals written straight into the tables of both databases: what so many of them would have left behind, so that every invariant of the
 * audit holds. Each is one note of 10.00, taken in turn by the customers and terminals that are there.
 *
 * $1 first number of the batch, $2 the one after its last, $3 how many there are in all. Ids begin with the time, as the bank's
 * own do, but those of messages, which are spread evenly over all UUIDs. `series`: one digit that tells apart what is written for different purposes.
 */
const numbered = (series: number) => /* sql */ `
  numbered AS (
    SELECT i, at, (lpad(to_hex((extract(epoch FROM at) * 1000)::bigint), 12, '0') || '80008000000000000${series}01')::uuid AS withdrawal_id,
           (lpad(to_hex(i * (140737488355327 / $3::bigint)), 12, '0') || '80008000000000000${series}02')::uuid AS advice_id,
           ('018000000000700080' || lpad(to_hex(i), 14, '0'))::uuid AS entry_id,
           i / (SELECT count(*) FROM customer) AS turn, i % (SELECT count(*) FROM customer) AS customer_no,
           'ATM-00' || i % 8 + 1 AS terminal_id,
           lpad((i % 1000000)::text, 6, '0') AS stan, '${series}000' || lpad(upper(to_hex(i)), 8, '0') AS rrn
      FROM generate_series($1::bigint, $2::bigint - 1) AS i,
           LATERAL (SELECT timestamptz '202${series}-01-01' + i * interval '10 milliseconds' AS at) AS time)`;

const PAST = 0;
const UNANSWERED = 1;

/** Minor units of every withdrawal: one note. */
export const AMOUNT = 1_000;

/** Triggers and foreign keys rest in this session alone; what they would have made of the rows is written by hand. */
export const REST_TRIGGERS = `SET session_replication_role = replica`;

/** A batch is put together in memory, not in temporary files, and no flush is waited for between two. For the session alone. */
export const IN_MEMORY = `SET work_mem = '128MB'; SET maintenance_work_mem = '512MB'; SET jit = off; SET synchronous_commit = off`;

/** Customers without a daily limit who have enough for many holds, in the order of their numbers; for the session, so that both databases number them alike. */
const CUSTOMERS = /* sql */ `
  CREATE TEMPORARY TABLE customer AS
  SELECT row_number() OVER (ORDER BY account_id) - 1 AS customer_no, account_id, card_token, masked_number, ledger_balance
    FROM account JOIN card USING (account_id) WHERE daily_limit IS NULL AND card.status = 'active' AND ledger_balance >= 50000000`;

/** Each customer is first given what the past will take, so that the balances are in the end what they were. */
const OPENING = /* sql */ `
  WITH opening AS (
    SELECT gen_random_uuid() AS entry_id, account_id, ledger_balance, $1::bigint / (SELECT count(*) FROM customer) * ${AMOUNT} AS amount
      FROM customer),
  entry AS (
    INSERT INTO ledger_entry (entry_id, kind, cause_id, currency, requested_at, posted_at)
    SELECT entry_id, 'opening', gen_random_uuid(), 'EUR', '2019-12-31', '2019-12-31' FROM opening)
  INSERT INTO ledger_line (entry_id, line_no, ledger_account_id, amount, balance_after)
  SELECT entry_id, 1, account_id, amount, ledger_balance + amount FROM opening
  UNION ALL SELECT entry_id, 2, 'opening', -amount, NULL FROM opening`;

const OWN_ACCOUNTS = /* sql */ `
  INSERT INTO ledger_account (ledger_account_id, kind, currency)
  SELECT 'atm-cash:ATM-00' || n, 'atm-cash', 'EUR' FROM generate_series(1, 8) AS n ON CONFLICT DO NOTHING`;

/** The messages of the past are forgotten, as the inbox does. */
const FORGOTTEN = /* sql */ `
  INSERT INTO messaging.retention (from_broker, pruned_before) VALUES ('terminal', '2025-01-01')
  ON CONFLICT (from_broker) DO UPDATE SET pruned_before = greatest(retention.pruned_before, EXCLUDED.pruned_before)`;

const AUTHORISED = /* sql */ `
  WITH ${numbered(PAST)}
  INSERT INTO authorisation (withdrawal_id, account_id, card_token, terminal_id, stan, rrn, requested_at, state, amount, taken,
                             response_code, entry_id, advice_id, decided_at)
  SELECT withdrawal_id, account_id, card_token, terminal_id, stan, rrn, at, 'completed', ${AMOUNT}, ${AMOUNT}, '00', entry_id,
         advice_id, at
    FROM numbered JOIN customer USING (customer_no) ORDER BY i`;

const POSTED = /* sql */ `
  WITH ${numbered(PAST)},
  entry AS (
    INSERT INTO ledger_entry (entry_id, kind, cause_id, currency, terminal_id, rrn, requested_at, posted_at, advice_id)
    SELECT entry_id, 'withdrawal', withdrawal_id, 'EUR', terminal_id, rrn, at, at, advice_id FROM numbered ORDER BY i)
  INSERT INTO ledger_line (entry_id, line_no, ledger_account_id, amount, balance_after)
  SELECT entry_id, line_no, CASE line_no WHEN 1 THEN account_id ELSE 'atm-cash:' || terminal_id END,
         CASE line_no WHEN 1 THEN -${AMOUNT} ELSE ${AMOUNT} END,
         CASE line_no WHEN 1
           THEN ledger_balance + ($3::bigint / (SELECT count(*) FROM customer) - turn - 1) * ${AMOUNT} END
    FROM numbered JOIN customer USING (customer_no), generate_series(1, 2) AS line_no
   ORDER BY i, line_no`;

const SETTLED = /* sql */ `
  WITH ${numbered(PAST)},
  recorded AS (
    INSERT INTO dispenser.record (withdrawal_id, terminal_id, outcome, notes, taken, at)
    SELECT withdrawal_id, terminal_id, 'all', note, note, at
      FROM numbered, (SELECT '[{"denomination": ${AMOUNT}, "count": 1}]'::jsonb AS note) one ORDER BY i)
  INSERT INTO withdrawal (withdrawal_id, session_id, terminal_id, account_id, currency, state, amount, authorisation, response_code,
                          note_mix, dispensed, taken, stan, rrn, created_at, updated_at, dispensed_at, settled_at)
  SELECT withdrawal_id, session_id, terminal_id, account_id, 'EUR', 'settled', ${AMOUNT}, 'host', '00', note, note, ${AMOUNT},
         stan, rrn, at, at, at, at
    FROM numbered JOIN customer USING (customer_no),
         (SELECT '[{"denomination": ${AMOUNT}, "count": 1}]'::jsonb AS note) one
   ORDER BY i`;

/** $1: the customers as the host knows them. One long session each. */
const SESSIONS = /* sql */ `
  CREATE TEMPORARY TABLE customer AS
  SELECT customer_no, account_id, card_token, masked_number, gen_random_uuid() AS session_id
    FROM jsonb_to_recordset($1::jsonb) AS c (customer_no bigint, account_id text, card_token text, masked_number text)`;

const SESSION_ROWS = /* sql */ `
  INSERT INTO session (session_id, terminal_id, card_token, masked_number, account_id, broker, currency, created_at, expires_at, ended_at)
  SELECT session_id, 'ATM-001', card_token, masked_number, account_id, $1, 'EUR', '2020-01-01', '2020-01-02', '2020-01-02' FROM customer`;

/** Loaded and given out again. */
const CASSETTES = /* sql */ `
  WITH given AS (UPDATE terminal SET taken = taken + $1::bigint / 8 * ${AMOUNT})
  UPDATE cassette SET loaded = loaded + $1::bigint / 8 WHERE denomination = ${AMOUNT}`;

/** Approved and held at a host that then went away. */
const HELD = /* sql */ `
  WITH ${numbered(UNANSWERED)}
  INSERT INTO authorisation (withdrawal_id, account_id, card_token, terminal_id, stan, rrn, requested_at, state, amount, response_code,
                             decided_at)
  SELECT withdrawal_id, account_id, card_token, terminal_id, stan, rrn, at, 'held', ${AMOUNT}, '00', at
    FROM numbered JOIN customer USING (customer_no) ORDER BY i`;

const HOLDS = /* sql */ `
  UPDATE account SET held = account.held + $1::bigint / (SELECT count(*) FROM customer) * ${AMOUNT}
    FROM customer WHERE customer.account_id = account.account_id`;

/** Dispensed, and nobody has answered; sent many times, and due again at any moment within the longest backoff. $4: the broker that is away. */
const DISPENSED = /* sql */ `
  WITH ${numbered(UNANSWERED)},
  recorded AS (
    INSERT INTO dispenser.record (withdrawal_id, terminal_id, outcome, notes, taken, at)
    SELECT withdrawal_id, terminal_id, 'all', note, note, at
      FROM numbered, (SELECT '[{"denomination": ${AMOUNT}, "count": 1}]'::jsonb AS note) one ORDER BY i),
  queued AS (
    INSERT INTO messaging.transmission_queue (message_id, dialog_id, sequence, from_service, to_service, to_broker, type, version, body,
                                              created_at, attempts, next_attempt_at)
    SELECT advice_id, withdrawal_id, 1, 'atm', 'account', $4, 'completion-advice', 1,
           jsonb_build_object('withdrawalId', withdrawal_id, 'accountId', account_id, 'cardToken', card_token, 'terminalId', terminal_id,
                              'stan', stan, 'rrn', rrn, 'requestedAt', iso, 'at', iso, 'taken', '${AMOUNT}', 'rejected', '0',
                              'retracted', '0', 'authorisation', 'host'),
           at, 10, now() + random() * interval '30 seconds'
      FROM numbered JOIN customer USING (customer_no),
           LATERAL (SELECT to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS iso) written)
  INSERT INTO withdrawal (withdrawal_id, session_id, terminal_id, account_id, currency, state, amount, authorisation, response_code,
                          note_mix, dispensed, taken, stan, rrn, created_at, updated_at, dispensed_at)
  SELECT withdrawal_id, session_id, terminal_id, account_id, 'EUR', 'dispensed', ${AMOUNT}, 'host', '00', note, note, ${AMOUNT},
         stan, rrn, at, at, at
    FROM numbered JOIN customer USING (customer_no),
         (SELECT '[{"denomination": ${AMOUNT}, "count": 1}]'::jsonb AS note) one
   ORDER BY i`;

export const GROWTH_SQL = {
  host: { CUSTOMERS, OPENING, OWN_ACCOUNTS, FORGOTTEN, AUTHORISED, POSTED, HOLDS, HELD },
  terminal: { SESSIONS, SESSION_ROWS, CASSETTES, SETTLED, DISPENSED },
} as const;
