import { sqlInvariant } from './invariant.js';

export const balanceIsSumOfLines = sqlInvariant({
  name: 'the balance of every account is the sum of its lines',
  of: 'accounts',
  verdict: 'unexplained',
  violations: `
    SELECT account_id || ': balance ' || ledger_balance || ', lines ' || coalesce(sum(amount), 0) AS what
      FROM account LEFT JOIN ledger_line ON ledger_account_id = account_id
     GROUP BY account_id HAVING ledger_balance <> coalesce(sum(amount), 0)`,
});
