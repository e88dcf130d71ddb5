/**
 * Terminals, their cassettes and their hash-chained electronic journal. `taken` to `deposited` are the sums of the terminal's withdrawals and deposits, minor units: they move
 * in the transaction of each outcome and deposit, since adding up all there ever were would take the longer the older the bank is. The audit compares.
 */
export const TERMINALS = `
CREATE TABLE terminal (
  terminal_id   text PRIMARY KEY CHECK (terminal_id ~ '^[A-Z0-9-]{1,16}$'),
  key_hash      text NOT NULL CHECK (key_hash ~ '^[0-9a-f]{64}$'),
  currency      text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
  business_date date NOT NULL DEFAULT (now() AT TIME ZONE 'UTC')::date,
  journal_seq   bigint NOT NULL DEFAULT 0 CHECK (journal_seq >= 0),
  journal_hash  bytea NOT NULL DEFAULT decode(repeat('00', 32), 'hex') CHECK (length(journal_hash) = 32),
  taken         bigint NOT NULL DEFAULT 0,
  rejected      bigint NOT NULL DEFAULT 0,
  retracted     bigint NOT NULL DEFAULT 0,
  suspense      bigint NOT NULL DEFAULT 0,
  deposited     bigint NOT NULL DEFAULT 0
) WITH (fillfactor = 50);

-- loaded counts every note ever put in; remaining is what is in now.
CREATE TABLE cassette (
  terminal_id  text NOT NULL REFERENCES terminal,
  denomination integer NOT NULL CHECK (denomination > 0),
  capacity     integer NOT NULL CHECK (capacity > 0),
  loaded       bigint NOT NULL DEFAULT 0 CHECK (loaded >= 0),
  remaining    integer NOT NULL DEFAULT 0,
  PRIMARY KEY (terminal_id, denomination),
  CHECK (remaining BETWEEN 0 AND least(capacity::bigint, loaded))
) WITH (fillfactor = 50);

CREATE TABLE replenishment (
  replenishment_id uuid PRIMARY KEY,
  terminal_id      text NOT NULL REFERENCES terminal,
  notes            jsonb NOT NULL,
  at               timestamptz NOT NULL DEFAULT now()
);
`;

export const JOURNAL = `
CREATE TABLE journal (
  terminal_id   text NOT NULL REFERENCES terminal,
  seq           bigint NOT NULL CHECK (seq > 0),
  at            timestamptz NOT NULL,
  kind          text NOT NULL,
  data          jsonb NOT NULL,
  previous_hash bytea NOT NULL,
  hash          bytea NOT NULL,
  PRIMARY KEY (terminal_id, seq)
);

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;

CREATE TRIGGER journal_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON journal
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
`;
