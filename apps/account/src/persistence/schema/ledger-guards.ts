/** A customer's account has its row in the ledger, and both keep their names: `ledger_account` is append-only. */
export const ACCOUNTS_IN_LEDGER = /* sql */ `
CREATE OR REPLACE FUNCTION account_in_ledger() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM ledger_account WHERE ledger_account_id = NEW.account_id) THEN
    RAISE EXCEPTION 'account % violates a foreign key: the ledger has no such account', NEW.account_id
      USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'account_in_ledger';
  END IF;
  RETURN NULL;
END $$;

CREATE OR REPLACE TRIGGER in_ledger AFTER INSERT ON account FOR EACH ROW EXECUTE FUNCTION account_in_ledger();
CREATE OR REPLACE TRIGGER keeps_its_name BEFORE UPDATE OF account_id ON account
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
`;

/**
 * What the ledger's tables hold by themselves, whoever writes. All checks run once per statement over the rows that it
 * wrote; hence all lines of an entry must arrive in one statement.
 */
export const LEDGER_GUARDS = /* sql */ `
-- Lines are of entries and accounts that are there (and stay: see append_only); every entry sums to zero; customers' totals follow their
-- lines; balance_after is what the total then is.
CREATE FUNCTION ledger_line_posted() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  fault text;
BEGIN
  SELECT posted.entry_id::text INTO fault
    FROM posted LEFT JOIN ledger_entry USING (entry_id) LEFT JOIN ledger_account USING (ledger_account_id)
   WHERE ledger_entry.entry_id IS NULL OR ledger_account.ledger_account_id IS NULL LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'a line of entry % violates a foreign key: no such entry or account', fault
      USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'ledger_line_references';
  END IF;

  SELECT entry_id::text INTO fault FROM posted GROUP BY entry_id HAVING sum(amount) <> 0 LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'lines of entry % do not sum to zero', fault
      USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_entry_balanced';
  END IF;

  SELECT posted.ledger_account_id INTO fault
    FROM posted LEFT JOIN account ON account.account_id = posted.ledger_account_id
   WHERE (posted.balance_after IS NOT NULL) <> (account.account_id IS NOT NULL) LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'a line of % must have a balance if and only if it is a customer''s', fault
      USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_line_balance_of_customer';
  END IF;

  WITH change AS (
    SELECT ledger_account_id, sum(amount)::bigint AS amount,
           (array_agg(balance_after ORDER BY posted_no DESC))[1] AS balance_last
      FROM posted WHERE balance_after IS NOT NULL GROUP BY ledger_account_id
  ), moved AS (
    UPDATE account SET ledger_balance = account.ledger_balance + change.amount
      FROM change WHERE account.account_id = change.ledger_account_id
    RETURNING account.account_id, account.ledger_balance, change.balance_last
  )
  SELECT account_id INTO fault FROM moved WHERE ledger_balance <> balance_last LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'the last balance of account % is not the sum of its lines', fault
      USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_line_balance_after';
  END IF;
  RETURN NULL;
END $$;

CREATE TRIGGER posted AFTER INSERT ON ledger_line
  REFERENCING NEW TABLE AS posted FOR EACH STATEMENT EXECUTE FUNCTION ledger_line_posted();

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% of % is refused: what is posted stays', TG_OP, TG_TABLE_NAME
    USING ERRCODE = 'restrict_violation', TABLE = TG_TABLE_NAME;
END $$;

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_entry
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_account
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_line
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Totals are written by triggers alone (depth 0 is a statement from outside), and begin at zero.
CREATE TRIGGER totals_are_derived BEFORE UPDATE OF ledger_balance, held, forced ON account
  FOR EACH STATEMENT WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION refuse_change();
CREATE TRIGGER totals_begin_at_zero BEFORE INSERT ON account
  FOR EACH ROW WHEN (NEW.ledger_balance <> 0 OR NEW.held <> 0 OR NEW.forced <> 0) EXECUTE FUNCTION refuse_change();
CREATE TRIGGER stays BEFORE DELETE OR TRUNCATE ON account
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
${ACCOUNTS_IN_LEDGER}`;
