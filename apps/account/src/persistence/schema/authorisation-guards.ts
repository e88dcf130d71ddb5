/** Authorisations move along their states only, and the accounts' holds and force follow them. */
export const AUTHORISATION_GUARDS = /* sql */ `
CREATE FUNCTION authorisation_inserted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE account SET held = account.held + change.held, forced = account.forced + change.forced
    FROM (SELECT account_id, sum(held)::bigint AS held, sum(forced)::bigint AS forced FROM now_there GROUP BY account_id) change
   WHERE account.account_id = change.account_id AND (change.held <> 0 OR change.forced <> 0);
  RETURN NULL;
END $$;

CREATE TRIGGER inserted AFTER INSERT ON authorisation
  REFERENCING NEW TABLE AS now_there FOR EACH STATEMENT EXECUTE FUNCTION authorisation_inserted();

CREATE FUNCTION authorisation_updated() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  fault text;
BEGIN
  SELECT was_there.withdrawal_id || ' from ' || was_there.state || ' to ' || coalesce(now_there.state, 'another id') INTO fault
    FROM was_there LEFT JOIN now_there USING (withdrawal_id)
   WHERE now_there.withdrawal_id IS NULL
      OR now_there.account_id <> was_there.account_id
      OR now_there.requested_at <> was_there.requested_at
      OR now_there.response_code IS DISTINCT FROM was_there.response_code
      OR now_there.forced < was_there.forced
      OR (was_there.held > 0 AND now_there.amount <> was_there.amount)
      OR NOT CASE was_there.state
           WHEN 'held' THEN now_there.state IN ('suspended', 'completed', 'reversed')
           WHEN 'declined' THEN now_there.state IN ('suspended', 'completed', 'reversed')
           WHEN 'suspended' THEN now_there.state IN ('completed', 'reversed')
           ELSE false
         END
   LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'authorisation % is no valid transition', fault
      USING ERRCODE = 'check_violation', CONSTRAINT = 'authorisation_transition';
  END IF;

  UPDATE account SET held = account.held + change.held, forced = account.forced + change.forced
    FROM (SELECT account_id, sum(now_there.held - was_there.held)::bigint AS held,
                 sum(now_there.forced - was_there.forced)::bigint AS forced
            FROM now_there JOIN was_there USING (withdrawal_id, account_id) GROUP BY account_id) change
   WHERE account.account_id = change.account_id AND (change.held <> 0 OR change.forced <> 0);
  RETURN NULL;
END $$;

CREATE TRIGGER updated AFTER UPDATE ON authorisation
  REFERENCING OLD TABLE AS was_there NEW TABLE AS now_there
  FOR EACH STATEMENT EXECUTE FUNCTION authorisation_updated();

CREATE TRIGGER stays BEFORE DELETE OR TRUNCATE ON authorisation
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER stays BEFORE UPDATE OR DELETE OR TRUNCATE ON transfer
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
`;
