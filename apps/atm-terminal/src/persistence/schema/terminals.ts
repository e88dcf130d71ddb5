/** Terminals, their cassettes and their hash-chained electronic journal. */
export const TERMINALS = `
CREATE TABLE terminal (
  terminal_id   text PRIMARY KEY CHECK (terminal_id ~ '^[A-Z0-9-]{1,16}$'),
  key_hash      text NOT NULL CHECK (key_hash ~ '^[0-9a-f]{64}$'),
  currency      text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
  business_date date NOT NULL DEFAULT (now() AT TIME ZONE 'UTC')::date,
  journal_seq   bigint NOT NULL DEFAULT 0 CHECK (journal_seq >= 0),
  journal_hash  bytea NOT NULL DEFAULT decode(repeat('00', 32), 'hex') CHECK (length(journal_hash) = 32)
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

/**
 * `append_journal([{terminalId, kind, data}, …])` chains the records onto their terminals' journals, in the given order, under the
 * terminals' row locks (taken in the order of their ids). The terminal's business date follows the calendar with it (cut-over).
 */
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

CREATE FUNCTION journal_record_hash(previous bytea, terminal_id text, seq bigint, at timestamptz, kind text, data jsonb)
RETURNS bytea LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN sha256(previous || convert_to(
    concat_ws('|', terminal_id, seq, (extract(epoch FROM at) * 1000000)::bigint, kind, data), 'UTF8'));
END $$;

CREATE FUNCTION append_journal(records jsonb) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  entry record;
  head_seq bigint;
  head_hash bytea;
  terminal_ids text[];
  seqs bigint[];
  ats timestamptz[];
  kinds text[];
  datas jsonb[];
  previous_hashes bytea[];
  hashes bytea[];
  last_ids text[];
  last_seqs bigint[];
  last_hashes bytea[];
BEGIN
  PERFORM FROM terminal t WHERE t.terminal_id IN (SELECT r ->> 'terminalId' FROM jsonb_array_elements(records) AS r)
    ORDER BY t.terminal_id FOR NO KEY UPDATE;

  FOR entry IN
    SELECT e.terminal_id, r ->> 'kind' AS kind, r -> 'data' AS data, clock_timestamp() AS at, t.journal_seq, t.journal_hash,
           lag(e.terminal_id) OVER records_in_order IS DISTINCT FROM e.terminal_id AS is_first,
           lead(e.terminal_id) OVER records_in_order IS DISTINCT FROM e.terminal_id AS is_last
      FROM (SELECT r, r ->> 'terminalId' AS terminal_id, position
              FROM jsonb_array_elements(records) WITH ORDINALITY AS g (r, position)) e
      LEFT JOIN terminal t USING (terminal_id)
    WINDOW records_in_order AS (ORDER BY e.terminal_id, e.position)
     ORDER BY e.terminal_id, e.position
  LOOP
    IF entry.is_first THEN
      head_seq := entry.journal_seq;
      head_hash := entry.journal_hash;
    END IF;
    previous_hashes := previous_hashes || head_hash;
    head_seq := head_seq + 1;
    head_hash := journal_record_hash(head_hash, entry.terminal_id, head_seq, entry.at, entry.kind, entry.data);
    terminal_ids := terminal_ids || entry.terminal_id;
    seqs := seqs || head_seq;
    ats := ats || entry.at;
    kinds := kinds || entry.kind;
    datas := datas || entry.data;
    hashes := hashes || head_hash;
    IF entry.is_last THEN
      last_ids := last_ids || entry.terminal_id;
      last_seqs := last_seqs || head_seq;
      last_hashes := last_hashes || head_hash;
    END IF;
  END LOOP;

  INSERT INTO journal (terminal_id, seq, at, kind, data, previous_hash, hash)
  SELECT * FROM unnest(terminal_ids, seqs, ats, kinds, datas, previous_hashes, hashes);

  UPDATE terminal t
     SET journal_seq = last.seq, journal_hash = last.hash,
         business_date = greatest(t.business_date, (now() AT TIME ZONE 'UTC')::date)
    FROM unnest(last_ids, last_seqs, last_hashes) AS last (terminal_id, seq, hash)
   WHERE t.terminal_id = last.terminal_id;
END $$;

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;

CREATE TRIGGER journal_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON journal
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
`;
