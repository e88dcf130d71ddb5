import { sqlInvariant } from './invariant.js';

/** The demo's caps per business date, minor units (apps/atm-terminal/README.md), counted anew from the withdrawals. */
export const standInWithinCaps = sqlInvariant({
  name: 'stand-in stays within the caps of card, terminal and bank',
  of: 'terminal',
  verdict: 'unexplained',
  violations: `
    SELECT scope || ' ' || subject || ' stood in for ' || sum(amount) || ', cap ' || min(cap) AS what
      FROM (SELECT withdrawal.amount, withdrawal.created_at, v.*
              FROM withdrawal JOIN session USING (session_id),
                   LATERAL (VALUES ('card', card_token, 50000), ('terminal', withdrawal.terminal_id, 1000000), ('bank', 'all', 5000000))
                           AS v (scope, subject, cap)
             WHERE withdrawal.authorisation = 'stand-in') stood_in
     GROUP BY scope, subject, (created_at AT TIME ZONE 'UTC')::date HAVING sum(amount) > min(cap)`,
});
