import { RowSet } from '#database';

/** Withdrawals as they become, each with the state that it was in. */
export const MOVES = new RowSet({
  ...{ withdrawalId: 'uuid', terminalId: 'text', was: 'text', state: 'text', amount: 'bigint', authorisation: 'text' },
  ...{ responseCode: 'text', noteMix: 'jsonb', dispensed: 'jsonb', taken: 'bigint', rejected: 'bigint' },
  ...{ retracted: 'bigint', suspense: 'bigint', dispensedAt: 'timestamptz' },
});

/** Changes of what cassettes have. */
export const NOTE_CHANGES = new RowSet({ terminalId: 'text', denomination: 'integer', change: 'integer' });

/**
 * One transaction's steps of withdrawals, all or none. Takes the terminals' locks first and in the order of their ids, like every writer of
 * this database, so that they are held for one statement and a commit. `records`, `balances` and `messages` are for the functions that they are
 * handed to. CP001: a withdrawal is not in the state that it is moved from.
 */
export const WITHDRAWAL_STEPS = `
CREATE OR REPLACE FUNCTION store_withdrawal_steps(terminal_ids text[], moves jsonb, notes jsonb, records jsonb, balances jsonb, messages jsonb)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  moved integer;
BEGIN
  PERFORM FROM terminal t WHERE t.terminal_id = ANY (terminal_ids) ORDER BY t.terminal_id FOR NO KEY UPDATE;

  UPDATE withdrawal w
     SET state = g.state, amount = g.amount, authorisation = g.authorisation, response_code = g."responseCode",
         note_mix = g."noteMix", dispensed = g.dispensed, taken = g.taken, rejected = g.rejected,
         retracted = g.retracted, suspense = g.suspense, dispensed_at = g."dispensedAt", updated_at = now()
    FROM ${MOVES.from('moves')} AS g
   WHERE w.withdrawal_id = g."withdrawalId" AND w.state = g.was;
  GET DIAGNOSTICS moved = ROW_COUNT;
  IF moved <> jsonb_array_length(moves) THEN
    RAISE EXCEPTION 'a withdrawal is not in the state that it is moved from' USING ERRCODE = 'CP001';
  END IF;

  IF ${MOVES.has('moves', 'state', 'suspense')} THEN
    INSERT INTO suspense_case (withdrawal_id, terminal_id, amount)
    SELECT g."withdrawalId", g."terminalId", g.suspense FROM ${MOVES.from('moves')} AS g WHERE g.state = 'suspense';
  END IF;

  IF notes <> '[]' THEN
    UPDATE cassette c SET remaining = c.remaining + g.change
      FROM ${NOTE_CHANGES.from('notes')} AS g
     WHERE (c.terminal_id, c.denomination) = (g."terminalId", g.denomination);
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
