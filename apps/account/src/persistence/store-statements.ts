import type { Statement } from '#database';

/** Each takes its rows as one JSON array, so that a batch of any size is one statement; amounts travel as strings. */
export const INSERT_AUTHORISATIONS: Statement = {
  name: 'insert-authorisations',
  text: /* sql */ `
    INSERT INTO authorisation (withdrawal_id, account_id, card_token, terminal_id, stan, rrn, requested_at, state, amount,
                               taken, suspense, forced, response_code, counted_on, entry_id, advice_id)
    SELECT "withdrawalId", "accountId", "cardToken", "terminalId", stan, rrn, "requestedAt", state, amount,
           taken, suspense, forced, "responseCode", "countedOn", "entryId", "adviceId"
      FROM jsonb_to_recordset($1::jsonb) AS row (
        "withdrawalId" uuid, "accountId" text, "cardToken" text, "terminalId" text, stan text, rrn text,
        "requestedAt" timestamptz, state text, amount bigint, taken bigint, suspense bigint, forced bigint,
        "responseCode" text, "countedOn" date, "entryId" uuid, "adviceId" uuid)`,
};

export const UPDATE_AUTHORISATIONS: Statement = {
  name: 'update-authorisations',
  text: /* sql */ `
    UPDATE authorisation
       SET state = row.state, amount = row.amount, taken = row.taken, suspense = row.suspense, forced = row.forced,
           counted_on = row."countedOn", entry_id = row."entryId", advice_id = row."adviceId", decided_at = now()
      FROM jsonb_to_recordset($1::jsonb) AS row (
        "withdrawalId" uuid, state text, amount bigint, taken bigint, suspense bigint, forced bigint, "countedOn" date,
        "entryId" uuid, "adviceId" uuid)
     WHERE authorisation.withdrawal_id = row."withdrawalId"`,
};

export const UPDATE_CARD_USAGE: Statement = {
  name: 'update-card-usage',
  text: /* sql */ `
    UPDATE card SET spent_on = row."spentOn", spent = row.spent
      FROM jsonb_to_recordset($1::jsonb) AS row ("cardToken" text, "spentOn" date, spent bigint)
     WHERE card.card_token = row."cardToken"`,
};

/** The bank's own accounts come into being with their first line. */
export const INSERT_OWN_ACCOUNTS: Statement = {
  name: 'insert-own-accounts',
  text: /* sql */ `
    INSERT INTO ledger_account (ledger_account_id, kind, currency)
    SELECT id, split_part(id, ':', 1), currency
      FROM unnest($1::text[], $2::text[]) AS own (id, currency) ORDER BY id
    ON CONFLICT DO NOTHING`,
};

/** Entries with all of their lines; the order of the lines is the order of each customer's balances. */
export const INSERT_ENTRIES: Statement = {
  name: 'insert-entries',
  text: /* sql */ `
    WITH entry AS (
      INSERT INTO ledger_entry (entry_id, kind, cause_id, currency, terminal_id, rrn, requested_at, advice_id)
      SELECT "entryId", kind, "causeId", currency, "terminalId", rrn, "requestedAt", "adviceId"
        FROM jsonb_to_recordset($1::jsonb) AS row (
          "entryId" uuid, kind text, "causeId" uuid, currency text, "terminalId" text, rrn text, "requestedAt" timestamptz,
          "adviceId" uuid)
    )
    INSERT INTO ledger_line (entry_id, line_no, ledger_account_id, amount, balance_after)
    SELECT "entryId", "lineNo", "ledgerAccountId", amount, "balanceAfter"
      FROM ROWS FROM (jsonb_to_recordset($2::jsonb) AS (
             "entryId" uuid, "lineNo" smallint, "ledgerAccountId" text, amount bigint, "balanceAfter" bigint))
           WITH ORDINALITY AS row ("entryId", "lineNo", "ledgerAccountId", amount, "balanceAfter", position)
     ORDER BY position`,
};

export const INSERT_TRANSFERS: Statement = {
  name: 'insert-transfers',
  text: /* sql */ `
    INSERT INTO transfer (transfer_id, from_account_id, to_account_id, to_broker, amount, rrn, requested_at, response_code,
                          entry_id)
    SELECT "transferId", "fromAccountId", "toAccountId", "toBroker", amount, rrn, "requestedAt", "responseCode", "entryId"
      FROM jsonb_to_recordset($1::jsonb) AS row (
        "transferId" uuid, "fromAccountId" text, "toAccountId" text, "toBroker" text, amount bigint, rrn text, "requestedAt" timestamptz,
        "responseCode" text, "entryId" uuid)`,
};
