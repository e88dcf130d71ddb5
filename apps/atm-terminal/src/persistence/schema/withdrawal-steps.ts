import { RowSet } from '#database';

/** Withdrawals that get their rows, with their intents; and the keys that they stand for. */
export const ARRIVALS = new RowSet({
  ...{ withdrawalId: 'uuid', sessionId: 'uuid', amount: 'bigint', noteMix: 'jsonb', stan: 'text', rrn: 'text' },
  ...{ fingerprint: 'text', scope: 'text', key: 'text' },
});

/** Withdrawals as they become, each with the state that it was in. */
export const MOVES = new RowSet({
  ...{ withdrawalId: 'uuid', terminalId: 'text', was: 'text', state: 'text', amount: 'bigint', authorisation: 'text' },
  ...{ responseCode: 'text', noteMix: 'jsonb', dispensed: 'jsonb', taken: 'bigint', rejected: 'bigint' },
  ...{ retracted: 'bigint', suspense: 'bigint', dispensedAt: 'timestamptz' },
});

/** Changes of what cassettes have. */
export const NOTE_CHANGES = new RowSet({ terminalId: 'text', denomination: 'integer', change: 'integer' });

/**
 * One transaction's steps of withdrawals, all or none; answers the time that arrivals were created at. Takes the terminals' locks first and in the order of their ids, like every writer of
 * this database, so that they are held for one statement and a commit. `records`, `totals`, `balances` and `messages` are for the functions that they are
 * handed to. CP001: a withdrawal is not in the state that it is moved from, or one that arrives is there already, its session has ended, or its key
 * was claimed for something else.
 */
export const WITHDRAWAL_STEPS = `
CREATE OR REPLACE FUNCTION store_withdrawal_steps(
  terminal_ids text[], arrivals jsonb, moves jsonb, notes jsonb, totals jsonb, records jsonb, balances jsonb, messages jsonb)
RETURNS timestamptz LANGUAGE plpgsql AS $$
DECLARE
  stored integer;
BEGIN
  PERFORM FROM terminal t WHERE t.terminal_id = ANY (terminal_ids) ORDER BY t.terminal_id FOR NO KEY UPDATE;

  IF arrivals <> '[]' THEN
    INSERT INTO withdrawal (withdrawal_id, session_id, terminal_id, account_id, currency, state, amount, note_mix, stan, rrn, fingerprint)
    SELECT g."withdrawalId", s.session_id, s.terminal_id, s.account_id, s.currency, 'authorising', g.amount, g."noteMix", g.stan, g.rrn, g.fingerprint
      FROM ${ARRIVALS.from('arrivals')} AS g
     CROSS JOIN LATERAL (SELECT * FROM session WHERE session_id = g."sessionId" LIMIT 1) AS s
     WHERE s.ended_at IS NULL AND s.expires_at > now()
       AND NOT EXISTS (SELECT FROM idempotency i WHERE (i.scope, i.key) = (g.scope, g.key))
    ON CONFLICT DO NOTHING;
    GET DIAGNOSTICS stored = ROW_COUNT;
    IF stored <> jsonb_array_length(arrivals) THEN
      RAISE EXCEPTION 'a withdrawal that arrives is there already, or may not' USING ERRCODE = 'CP001';
    END IF;
  END IF;

  IF moves <> '[]' THEN
    UPDATE withdrawal w
       SET state = g.state, amount = g.amount, authorisation = g.authorisation, response_code = g."responseCode",
           note_mix = g."noteMix", dispensed = g.dispensed, taken = g.taken, rejected = g.rejected,
           retracted = g.retracted, suspense = g.suspense, dispensed_at = g."dispensedAt", updated_at = now()
      FROM ${MOVES.from('moves')} AS g
     WHERE w.withdrawal_id = g."withdrawalId" AND w.state = g.was;
    GET DIAGNOSTICS stored = ROW_COUNT;
    IF stored <> jsonb_array_length(moves) THEN
      RAISE EXCEPTION 'a withdrawal is not in the state that it is moved from' USING ERRCODE = 'CP001';
    END IF;

    IF ${MOVES.has('moves', 'state', 'suspense')} THEN
      INSERT INTO suspense_case (withdrawal_id, terminal_id, amount)
      SELECT g."withdrawalId", g."terminalId", g.suspense FROM ${MOVES.from('moves')} AS g WHERE g.state = 'suspense';
    END IF;
  END IF;

  IF notes <> '[]' THEN
    UPDATE cassette c SET remaining = c.remaining + g.change
      FROM ${NOTE_CHANGES.from('notes')} AS g
     WHERE (c.terminal_id, c.denomination) = (g."terminalId", g.denomination);
  END IF;

  PERFORM chain_journal(records, totals);

  IF balances <> '[]' THEN
    PERFORM put_cached_balances(balances);
  END IF;
  IF messages <> '[]' THEN
    PERFORM messaging.enqueue(messages);
  END IF;
  RETURN date_trunc('milliseconds', now());
END $$;
`;
