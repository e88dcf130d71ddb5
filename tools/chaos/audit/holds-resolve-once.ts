import { sqlInvariant } from './invariant.js';

export const holdsResolveOnce = sqlInvariant({
  name: 'a hold resolves once: by the cash that was taken, or by a reversal',
  of: 'accounts',
  verdict: 'doubled',
  violations: `
    SELECT 'withdrawal ' || coalesce(cause_id, withdrawal_id) || ': authorisation ' || coalesce(state, 'missing') || ', entries '
           || coalesce(array_to_string(kinds, ' and '), 'none') || ', taken ' || coalesce(taken, 0) || ', posted ' || coalesce(posted, 0) AS what
      FROM (SELECT cause_id, array_agg(DISTINCT kind || ' ' || entry_id) AS kinds,
                   -sum(amount) FILTER (WHERE balance_after IS NOT NULL) AS posted
              FROM ledger_entry JOIN ledger_line USING (entry_id)
             WHERE kind IN ('withdrawal', 'reversal') GROUP BY cause_id) resolution
      FULL JOIN authorisation ON withdrawal_id = cause_id
     WHERE cardinality(kinds) > 1
        OR withdrawal_id IS NULL
        OR coalesce(posted, 0) <> coalesce(taken, 0)
        OR (kinds IS NOT NULL AND state NOT IN ('completed', 'reversed'))`,
});
