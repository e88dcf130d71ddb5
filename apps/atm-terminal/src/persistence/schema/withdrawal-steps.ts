/**
 * One transaction's steps of withdrawals, all or none. Takes the terminals' locks first and in the order of their ids, like every writer of
 * this database, so that they are held for one statement and a commit. CP001: a withdrawal is not in the state that it is moved from.
 */
export const WITHDRAWAL_STEPS = `
CREATE FUNCTION store_withdrawal_steps(terminal_ids text[], moves jsonb, notes jsonb, records jsonb, balances jsonb, messages jsonb)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  moved integer;
BEGIN
  PERFORM FROM terminal t WHERE t.terminal_id = ANY (terminal_ids) ORDER BY t.terminal_id FOR NO KEY UPDATE;

  UPDATE withdrawal w
     SET state = g.state, amount = g.amount, authorisation = g.authorisation, response_code = g.response_code,
         note_mix = g.note_mix, dispensed = g.dispensed, taken = g.taken, rejected = g.rejected,
         retracted = g.retracted, suspense = g.suspense, dispensed_at = g.dispensed_at, updated_at = now()
    FROM jsonb_to_recordset(moves)
         AS g (withdrawal_id uuid, was text, state text, amount bigint, authorisation text, response_code text,
               note_mix jsonb, dispensed jsonb, taken bigint, rejected bigint, retracted bigint, suspense bigint,
               dispensed_at timestamptz)
   WHERE w.withdrawal_id = g.withdrawal_id AND w.state = g.was;
  GET DIAGNOSTICS moved = ROW_COUNT;
  IF moved <> jsonb_array_length(moves) THEN
    RAISE EXCEPTION 'a withdrawal is not in the state that it is moved from' USING ERRCODE = 'CP001';
  END IF;

  IF moves @> '[{"state": "suspense"}]' THEN
    INSERT INTO suspense_case (withdrawal_id, terminal_id, amount)
    SELECT g.withdrawal_id, g.terminal_id, g.suspense
      FROM jsonb_to_recordset(moves) AS g (withdrawal_id uuid, terminal_id text, state text, suspense bigint)
     WHERE g.state = 'suspense';
  END IF;

  IF notes <> '[]' THEN
    UPDATE cassette c SET remaining = c.remaining + g.change
      FROM jsonb_to_recordset(notes) AS g (terminal_id text, denomination integer, change integer)
     WHERE (c.terminal_id, c.denomination) = (g.terminal_id, g.denomination);
  END IF;

  PERFORM append_journal(records);

  IF balances <> '[]' THEN
    PERFORM put_cached_balances(balances);
  END IF;
  IF messages <> '[]' THEN
    PERFORM messaging.enqueue(messages);
  END IF;
END $$;
`;
