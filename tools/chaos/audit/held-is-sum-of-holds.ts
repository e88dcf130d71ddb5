import { sqlInvariant } from './invariant.js';

export const heldIsSumOfHolds = sqlInvariant({
  name: 'what is held on every account is the sum of its open holds',
  of: 'accounts',
  verdict: 'unexplained',
  violations: `
    SELECT account_id || ': held ' || account.held || ', holds ' || coalesce(sum(hold.amount), 0) AS what
      FROM account LEFT JOIN authorisation hold USING (account_id)
     WHERE hold.state IS NULL OR hold.state IN ('held', 'suspended') OR account.held <> 0
     GROUP BY account_id
    HAVING account.held <> coalesce(sum(hold.amount) FILTER (WHERE hold.state IN ('held', 'suspended')), 0)`,
});
