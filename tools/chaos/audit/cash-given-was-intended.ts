import { sqlInvariant } from './invariant.js';

export const cashGivenWasIntended = sqlInvariant({
  name: 'every dispense was intended before, and its outcome is what the dispenser says',
  of: 'terminal',
  verdict: 'unexplained',
  violations: `
    SELECT 'withdrawal ' || record.withdrawal_id || ': dispenser ' || outcome || ', withdrawal ' || coalesce(state, 'missing') AS what
      FROM dispenser.record LEFT JOIN withdrawal USING (withdrawal_id)
     WHERE state IS NULL
        OR note_mix IS DISTINCT FROM record.notes
        OR (outcome = 'unknown') <> (state = 'suspense')
        OR (outcome IN ('all', 'part')) <> (state IN ('dispensed', 'settled'))`,
});
