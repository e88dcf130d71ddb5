/**
 * Each row is judged by its trigger's own condition, and accounts change by what is there now less what was: a join of the two would go through one of them for
 * every row of the other, since statements of requests are planned row by row (KEYED_PLANS). What a request said has a trigger of its own, which only an UPDATE that
 * names one of these columns wakes: PostgreSQL reads a trigger's condition anew for every statement.
 */
export const AUTHORISATION_UPDATES = /* sql */ `
CREATE OR REPLACE FUNCTION authorisation_may_not_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'authorisation % from % to % is no valid transition', OLD.withdrawal_id, OLD.state, NEW.state
    USING ERRCODE = 'check_violation', CONSTRAINT = 'authorisation_transition';
END $$;

CREATE OR REPLACE TRIGGER request AFTER UPDATE OF withdrawal_id, account_id, requested_at, response_code ON authorisation FOR EACH ROW
  WHEN ((NEW.withdrawal_id, NEW.account_id, NEW.requested_at, NEW.response_code)
        IS DISTINCT FROM (OLD.withdrawal_id, OLD.account_id, OLD.requested_at, OLD.response_code))
  EXECUTE FUNCTION authorisation_may_not_change();

CREATE OR REPLACE TRIGGER transition AFTER UPDATE ON authorisation FOR EACH ROW
  WHEN (NEW.forced < OLD.forced
     OR (OLD.held > 0 AND NEW.amount <> OLD.amount)
     OR NOT CASE OLD.state
          WHEN 'held' THEN NEW.state IN ('suspended', 'completed', 'reversed')
          WHEN 'declined' THEN NEW.state IN ('suspended', 'completed', 'reversed')
          WHEN 'suspended' THEN NEW.state IN ('completed', 'reversed')
          ELSE false
        END)
  EXECUTE FUNCTION authorisation_may_not_change();

CREATE OR REPLACE FUNCTION authorisation_updated() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE account SET held = account.held + change.held, forced = account.forced + change.forced
    FROM (SELECT account_id, sum(held)::bigint AS held, sum(forced)::bigint AS forced
            FROM (SELECT account_id, held, forced FROM now_there
                  UNION ALL SELECT account_id, -held, -forced FROM was_there) AS difference
           GROUP BY account_id) AS change
   WHERE account.account_id = change.account_id AND (change.held <> 0 OR change.forced <> 0);
  RETURN NULL;
END $$;
`;

/** An authorisation is of an account that is there (and stays: see LEDGER_GUARDS), and its hold is the account's from then on. */
export const AUTHORISATION_INSERTS = /* sql */ `
CREATE OR REPLACE FUNCTION authorisation_inserted() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  fault uuid;
BEGIN
  SELECT withdrawal_id INTO fault
    FROM now_there LEFT JOIN account USING (account_id) WHERE account.account_id IS NULL LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'authorisation % violates a foreign key: no such account', fault
      USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'authorisation_account';
  END IF;

  UPDATE account SET held = account.held + change.held, forced = account.forced + change.forced
    FROM (SELECT account_id, sum(held)::bigint AS held, sum(forced)::bigint AS forced FROM now_there GROUP BY account_id) change
   WHERE account.account_id = change.account_id AND (change.held <> 0 OR change.forced <> 0);
  RETURN NULL;
END $$;
`;

/** Authorisations move along their states only, and the accounts' holds and force follow them. */
export const AUTHORISATION_GUARDS = /* sql */ `
${AUTHORISATION_INSERTS}
CREATE TRIGGER inserted AFTER INSERT ON authorisation
  REFERENCING NEW TABLE AS now_there FOR EACH STATEMENT EXECUTE FUNCTION authorisation_inserted();

${AUTHORISATION_UPDATES}
CREATE TRIGGER updated AFTER UPDATE ON authorisation
  REFERENCING OLD TABLE AS was_there NEW TABLE AS now_there
  FOR EACH STATEMENT EXECUTE FUNCTION authorisation_updated();

CREATE TRIGGER stays BEFORE DELETE OR TRUNCATE ON authorisation
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER stays BEFORE UPDATE OR DELETE OR TRUNCATE ON transfer
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
`;
