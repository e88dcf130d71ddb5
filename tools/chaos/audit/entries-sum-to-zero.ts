import { sqlInvariant } from './invariant.js';

export const entriesSumToZero = sqlInvariant({
  name: 'the lines of every entry sum to zero',
  of: 'accounts',
  verdict: 'unexplained',
  violations: `
    SELECT 'entry ' || entry_id || ' sums to ' || coalesce(sum(amount)::text, 'nothing') AS what
      FROM ledger_entry LEFT JOIN ledger_line USING (entry_id) GROUP BY entry_id HAVING coalesce(sum(amount), 1) <> 0`,
});
