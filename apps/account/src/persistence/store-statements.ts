import { RowSet, type Statement } from '#database';

// Each statement takes its rows as one parameter (two for entries with their lines), so that a batch of any size is one statement.

export const AUTHORISATION_ROWS = new RowSet({
  ...{ withdrawalId: 'uuid', accountId: 'text', cardToken: 'text', terminalId: 'text', stan: 'text', rrn: 'text' },
  ...{ requestedAt: 'timestamptz', state: 'text', amount: 'bigint', taken: 'bigint', suspense: 'bigint' },
  ...{ forced: 'bigint', responseCode: 'text', countedOn: 'date', entryId: 'uuid', adviceId: 'uuid' },
});

export const INSERT_AUTHORISATIONS: Statement = {
  name: 'insert-authorisations',
  text: /* sql */ `
    INSERT INTO authorisation (withdrawal_id, account_id, card_token, terminal_id, stan, rrn, requested_at, state, amount,
                               taken, suspense, forced, response_code, counted_on, entry_id, advice_id)
    SELECT "withdrawalId", "accountId", "cardToken", "terminalId", stan, rrn, "requestedAt", state, amount,
           taken, suspense, forced, "responseCode", "countedOn", "entryId", "adviceId"
      FROM ${AUTHORISATION_ROWS.from('$1')} AS row`,
};

export const AUTHORISATION_CHANGES = new RowSet({
  ...{ withdrawalId: 'uuid', state: 'text', amount: 'bigint', taken: 'bigint', suspense: 'bigint', forced: 'bigint' },
  ...{ countedOn: 'date', entryId: 'uuid', adviceId: 'uuid' },
});

export const UPDATE_AUTHORISATIONS: Statement = {
  name: 'update-authorisations',
  text: /* sql */ `
    UPDATE authorisation
       SET state = row.state, amount = row.amount, taken = row.taken, suspense = row.suspense, forced = row.forced,
           counted_on = row."countedOn", entry_id = row."entryId", advice_id = row."adviceId", decided_at = now()
      FROM ${AUTHORISATION_CHANGES.from('$1')} AS row
     WHERE authorisation.withdrawal_id = row."withdrawalId"`,
};

export const CARD_USAGE = new RowSet({ cardToken: 'text', spentOn: 'date', spent: 'bigint' });

export const UPDATE_CARD_USAGE: Statement = {
  name: 'update-card-usage',
  text: /* sql */ `
    UPDATE card SET spent_on = row."spentOn", spent = row.spent
      FROM ${CARD_USAGE.from('$1')} AS row
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

export const ENTRY_ROWS = new RowSet({
  ...{ entryId: 'uuid', kind: 'text', causeId: 'uuid', currency: 'text', terminalId: 'text', rrn: 'text' },
  ...{ requestedAt: 'timestamptz', adviceId: 'uuid' },
});

export const LINE_ROWS = new RowSet({
  ...{ entryId: 'uuid', lineNo: 'smallint', ledgerAccountId: 'text', amount: 'bigint' },
  balanceAfter: 'bigint',
});

/** Entries with all of their lines; the order of the lines is the order of each customer's balances. */
export const INSERT_ENTRIES: Statement = {
  name: 'insert-entries',
  text: /* sql */ `
    WITH entry AS (
      INSERT INTO ledger_entry (entry_id, kind, cause_id, currency, terminal_id, rrn, requested_at, advice_id)
      SELECT "entryId", kind, "causeId", currency, "terminalId", rrn, "requestedAt", "adviceId"
        FROM ${ENTRY_ROWS.from('$1')} AS row
    )
    INSERT INTO ledger_line (entry_id, line_no, ledger_account_id, amount, balance_after)
    SELECT "entryId", "lineNo", "ledgerAccountId", amount, "balanceAfter"
      FROM ${LINE_ROWS.fromInOrder('$2')} AS row
     ORDER BY position`,
};

export const TRANSFER_ROWS = new RowSet({
  ...{
    transferId: 'uuid',
    fromAccountId: 'text',
    toAccountId: 'text',
    toBroker: 'text',
    amount: 'bigint',
    rrn: 'text',
  },
  ...{ requestedAt: 'timestamptz', responseCode: 'text', entryId: 'uuid' },
});

export const INSERT_TRANSFERS: Statement = {
  name: 'insert-transfers',
  text: /* sql */ `
    INSERT INTO transfer (transfer_id, from_account_id, to_account_id, to_broker, amount, rrn, requested_at, response_code,
                          entry_id)
    SELECT "transferId", "fromAccountId", "toAccountId", "toBroker", amount, rrn, "requestedAt", "responseCode", "entryId"
      FROM ${TRANSFER_ROWS.from('$1')} AS row`,
};
