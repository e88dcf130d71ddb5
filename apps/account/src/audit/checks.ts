/** An invariant as a query for what breaks it: it holds where the query finds nothing. */
export interface Invariant {
  readonly name: string;
  /** SELECT whose rows are the violations. */
  readonly violations: string;
}

/** What the account database can judge alone, whatever its triggers and constraints should have prevented. */
export const INVARIANTS: readonly Invariant[] = [
  {
    name: 'every entry has lines, and they sum to zero',
    violations: /* sql */ `
      SELECT entry_id FROM ledger_entry LEFT JOIN ledger_line USING (entry_id)
       GROUP BY entry_id HAVING count(line_no) < 2 OR sum(amount) <> 0`,
  },
  {
    name: 'every line is in the currency of its entry',
    violations: /* sql */ `
      SELECT entry_id FROM ledger_line JOIN ledger_entry USING (entry_id) JOIN ledger_account USING (ledger_account_id)
       WHERE ledger_account.currency <> ledger_entry.currency`,
  },
  {
    name: 'account balance = sum of its lines',
    violations: /* sql */ `
      SELECT account_id FROM account LEFT JOIN ledger_line ON ledger_account_id = account_id
       GROUP BY account_id HAVING ledger_balance <> coalesce(sum(amount), 0)`,
  },
  {
    name: 'every balance on a statement = the one before + the amount',
    violations: /* sql */ `
      SELECT entry_id FROM (
        SELECT entry_id, balance_after, sum(amount) OVER (PARTITION BY ledger_account_id ORDER BY posted_no) AS balance
          FROM ledger_line WHERE balance_after IS NOT NULL) line
       WHERE balance_after <> balance`,
  },
  {
    name: 'held = sum of the open holds',
    violations: /* sql */ `
      SELECT account_id FROM account LEFT JOIN authorisation USING (account_id)
       GROUP BY account_id
      HAVING account.held <> coalesce(sum(amount) FILTER (WHERE state IN ('held', 'suspended')), 0)`,
  },
  {
    name: 'available is not below the limit but by recorded force',
    violations: /* sql */ `
      SELECT account_id FROM account LEFT JOIN authorisation USING (account_id)
       GROUP BY account_id
      HAVING ledger_balance - account.held < -(overdraft_limit + account.forced)
          OR account.forced <> coalesce(sum(authorisation.forced), 0)`,
  },
  {
    name: 'a hold resolves once, and its entry says what the authorisation says',
    violations: /* sql */ `
      SELECT withdrawal_id FROM (
        SELECT cause_id,
               count(DISTINCT entry_id) AS resolutions, min(kind) AS kind,
               coalesce(-sum(amount) FILTER (WHERE balance_after IS NOT NULL), 0) AS taken
          FROM ledger_entry JOIN ledger_line USING (entry_id)
         WHERE kind IN ('withdrawal', 'reversal') GROUP BY cause_id) posted
        FULL JOIN authorisation ON cause_id = withdrawal_id
       WHERE withdrawal_id IS NULL
          OR resolutions > 1
          OR (state = 'completed' AND authorisation.taken <> coalesce(posted.taken, 0))
          OR (kind = 'withdrawal' AND state <> 'completed')
          OR (kind = 'reversal' AND state <> 'reversed')`,
  },
  {
    name: 'what stands in suspense = open suspense of the authorisations',
    violations: /* sql */ `
      SELECT terminal_id FROM (
        SELECT split_part(ledger_account_id, ':', 2) AS terminal_id, -sum(amount) AS suspense
          FROM ledger_line WHERE ledger_account_id LIKE 'suspense:%' GROUP BY 1) posted
        FULL JOIN (SELECT terminal_id, sum(suspense) AS suspense FROM authorisation GROUP BY 1) open USING (terminal_id)
       WHERE coalesce(posted.suspense, 0) <> coalesce(open.suspense, 0)`,
  },
  {
    name: 'every effect of an advice has its message',
    violations: /* sql */ `
      SELECT advice_id FROM (
        SELECT advice_id, posted_at AS happened_at FROM ledger_entry
        UNION SELECT advice_id, decided_at FROM authorisation) effect
       WHERE advice_id IS NOT NULL
         -- What was processed before this instant may have been forgotten (libs/messaging, retention).
         AND happened_at >= (SELECT coalesce(max(pruned_before), '-infinity') FROM messaging.retention)
         AND NOT EXISTS (SELECT FROM messaging.processed_message WHERE message_id = advice_id)`,
  },
  {
    name: 'every processed advice has its effect',
    violations: /* sql */ `
      SELECT message_id FROM messaging.processed_message
       WHERE type IN ('completion-advice', 'reversal-advice', 'suspense-advice', 'deposit-advice', 'transfer-credit')
         -- The one refusal that there is: a transfer from another broker that cannot be credited.
         AND (answer -> 'posted') IS DISTINCT FROM 'false'::jsonb
         AND NOT EXISTS (SELECT FROM ledger_entry WHERE entry_id = (answer ->> 'entryId')::uuid)
         AND NOT EXISTS (SELECT FROM authorisation WHERE advice_id = message_id)`,
  },
  {
    name: 'a posted transfer has its entry, a declined one none',
    violations: /* sql */ `
      SELECT transfer_id FROM transfer FULL JOIN (SELECT * FROM ledger_entry WHERE kind = 'transfer') entry
             ON cause_id = transfer_id
       WHERE transfer_id IS NULL OR transfer.entry_id IS DISTINCT FROM entry.entry_id`,
  },
  {
    name: 'a transfer to another broker stands in clearing with it, or is refunded, in full',
    violations: /* sql */ `
      SELECT cause_id FROM (
        SELECT cause_id, kind, sum(amount) AS amount, min(ledger_account_id) AS clearing
          FROM ledger_entry JOIN ledger_line USING (entry_id)
         WHERE kind IN ('transfer', 'transfer-refund') AND ledger_account_id LIKE 'transfer-clearing:%'
         GROUP BY cause_id, kind) posted
        FULL JOIN (SELECT * FROM transfer WHERE to_broker IS NOT NULL AND entry_id IS NOT NULL) sent ON cause_id = transfer_id
       WHERE transfer_id IS NULL OR cause_id IS NULL
          OR clearing <> 'transfer-clearing:' || to_broker
          OR posted.amount <> CASE kind WHEN 'transfer' THEN sent.amount ELSE -sent.amount END`,
  },
  {
    name: 'every archived journal record is what its terminal has hashed, and each dialog of a session arrived in its order',
    violations: /* sql */ `
      SELECT seq FROM (
        SELECT *, lag(seq) OVER (PARTITION BY session_id, dialog_id ORDER BY archived_no) AS seq_before FROM journal_archive) record
       WHERE seq <= seq_before
          OR hash <> sha256(previous_hash || convert_to(
               concat_ws('|', terminal_id, seq, (extract(epoch FROM at) * 1000000)::bigint, kind, data), 'UTF8'))`,
  },
  {
    name: 'daily usage of a limited card = held and taken on its date',
    violations: /* sql */ `
      SELECT card.card_token FROM card LEFT JOIN authorisation
             ON authorisation.card_token = card.card_token AND counted_on = spent_on
       GROUP BY card.card_token HAVING spent <> coalesce(sum(coalesce(taken, authorisation.held)), 0)`,
  },
];
