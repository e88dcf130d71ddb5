import { RowSet } from '#database';

export const JOURNAL_RECORDS = new RowSet({ terminalId: 'text', kind: 'text', data: 'jsonb' });

/** What outcomes add to the totals of terminals that have records of them, minor units. */
export const TOTAL_CHANGES = new RowSet({
  ...{ terminalId: 'text', taken: 'bigint', rejected: 'bigint', retracted: 'bigint', suspense: 'bigint' },
});

/**
 * `append_journal` chains `JOURNAL_RECORDS` onto their terminals' journals, in the given order, under the terminals' row locks (taken in the order of
 * their ids); `chain_journal` is for who holds these locks already, and has changes of totals. A terminal's row is written once, with all of it. Its business date follows the
 * calendar with it (cut-over).
 * `journal_record_hash` is SQL of one expression, which becomes part of whatever calls it.
 */
export const APPEND_JOURNAL = `
CREATE OR REPLACE FUNCTION journal_record_hash(previous bytea, terminal_id text, seq bigint, at timestamptz, kind text, data jsonb)
RETURNS bytea LANGUAGE sql STABLE AS $$
  SELECT sha256(previous || convert_to(
    concat_ws('|', terminal_id, seq, (extract(epoch FROM at) * 1000000)::bigint, kind, data), 'UTF8'))
$$;

CREATE OR REPLACE FUNCTION append_journal(records jsonb) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM FROM terminal t WHERE t.terminal_id IN (SELECT r ->> 0 FROM jsonb_array_elements(records) AS r)
    ORDER BY t.terminal_id FOR NO KEY UPDATE;
  PERFORM chain_journal(records, '[]');
END $$;

CREATE OR REPLACE FUNCTION chain_journal(records jsonb, totals jsonb) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  entry record;
  head journal;
  appended journal[];
  heads journal[];
BEGIN
  FOR entry IN
    SELECT r."terminalId" AS terminal_id, r.kind, r.data, t.journal_seq, t.journal_hash
      FROM ${JOURNAL_RECORDS.fromInOrder('records')} AS r LEFT JOIN terminal t ON t.terminal_id = r."terminalId"
     ORDER BY r."terminalId", r.position
  LOOP
    IF head.terminal_id IS DISTINCT FROM entry.terminal_id THEN
      heads := heads || head;
      head.seq := entry.journal_seq;
      head.hash := entry.journal_hash;
    END IF;
    head := (entry.terminal_id, head.seq + 1, clock_timestamp(), entry.kind, entry.data, head.hash, NULL);
    head.hash := journal_record_hash(head.previous_hash, head.terminal_id, head.seq, head.at, head.kind, head.data);
    appended := appended || head;
  END LOOP;

  INSERT INTO journal SELECT * FROM unnest(appended);

  UPDATE terminal t
     SET journal_seq = last.seq, journal_hash = last.hash,
         business_date = greatest(t.business_date, (now() AT TIME ZONE 'UTC')::date),
         taken = t.taken + coalesce(g.taken, 0), rejected = t.rejected + coalesce(g.rejected, 0),
         retracted = t.retracted + coalesce(g.retracted, 0), suspense = t.suspense + coalesce(g.suspense, 0)
    FROM unnest(heads || head) AS last LEFT JOIN ${TOTAL_CHANGES.from('totals')} AS g ON g."terminalId" = last.terminal_id
   WHERE t.terminal_id = last.terminal_id;
END $$;
`;
