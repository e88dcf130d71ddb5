import { sqlInvariant } from './invariant.js';

/**
 * What was given without asking the account service (stand-in), or turned out otherwise than held, is posted all the same: an advice is a
 * fact. Then it is on record what was forced.
 */
export const nobodyOverdrawn = sqlInvariant({
  name: 'no account is below its limit but by recorded force',
  of: 'accounts',
  verdict: 'unexplained',
  violations: `
    SELECT account_id || ': available ' || (ledger_balance - account.held) || ', limit ' || overdraft_limit || ', forced ' || forced.amount AS what
      FROM account,
           LATERAL (SELECT coalesce(sum(forced), 0) AS amount FROM authorisation WHERE authorisation.account_id = account.account_id) forced
     WHERE ledger_balance - account.held < -(overdraft_limit + forced.amount)`,
});
