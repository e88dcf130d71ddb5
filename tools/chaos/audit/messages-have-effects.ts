import { sqlInvariant } from './invariant.js';

export const messagesHaveEffects = sqlInvariant({
  name: 'every advice in the inbox has its answer and its effect',
  of: 'accounts',
  verdict: 'lost',
  violations: `
    SELECT type || ' ' || message_id || ' was processed without effect' AS what
      FROM messaging.processed_message
     WHERE type IN ('completion-advice', 'reversal-advice', 'suspense-advice', 'deposit-advice', 'transfer-credit')
       AND (answer IS NULL
            OR (answer -> 'posted') IS DISTINCT FROM 'false'::jsonb
               AND NOT EXISTS (SELECT FROM ledger_entry WHERE advice_id = message_id)
               AND NOT EXISTS (SELECT FROM authorisation WHERE advice_id = message_id))`,
});
