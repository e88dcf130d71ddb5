/** The least that an idempotent withdrawal needs: id remembered, balance checked and changed, two ledger lines, a message to be sent. */
export const LIMIT_SCHEMA = /* sql */ `
CREATE TABLE account (
  id bigint PRIMARY KEY,
  balance bigint NOT NULL CHECK (balance >= 0)
) WITH (fillfactor = 70);
CREATE TABLE processed (id uuid PRIMARY KEY, at timestamptz NOT NULL DEFAULT now());
CREATE TABLE ledger (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  txn uuid NOT NULL,
  account_id bigint NOT NULL,
  amount bigint NOT NULL,
  at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX ledger_account ON ledger (account_id, id);
CREATE TABLE outbox (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  topic text NOT NULL,
  payload jsonb NOT NULL,
  at timestamptz NOT NULL DEFAULT now()
);
INSERT INTO account SELECT id, 1000000000000 FROM generate_series(0, 10000) AS id;

CREATE FUNCTION withdraw(request uuid, account_no bigint, amount bigint) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  left_over bigint;
BEGIN
  INSERT INTO processed (id) VALUES (request) ON CONFLICT DO NOTHING;
  IF NOT FOUND THEN RETURN NULL; END IF;
  UPDATE account SET balance = balance - amount WHERE id = account_no AND balance >= amount RETURNING balance INTO left_over;
  IF NOT FOUND THEN RETURN -1; END IF;
  INSERT INTO ledger (txn, account_id, amount) VALUES (request, account_no, -amount), (request, 0, amount);
  INSERT INTO outbox (topic, payload)
  VALUES ('withdrawal', jsonb_build_object('id', request, 'account', account_no, 'amount', amount, 'balance', left_over));
  RETURN left_over;
END $$;

ANALYZE account;
`;

/** A pgbench script: ten thousand accounts, each as likely as the other. */
export const LIMIT_TRANSACTION = `
\\set account random(1, 10000)
\\set amount random(1, 100)
SELECT withdraw(gen_random_uuid(), :account::bigint, :amount::bigint);
`;
