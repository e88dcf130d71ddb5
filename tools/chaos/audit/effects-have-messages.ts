import { sqlInvariant } from './invariant.js';

/** Processed ids may be forgotten once no copy of the message can be about any more: before that moment nothing is compared. */
export const effectsHaveMessages = sqlInvariant({
  name: 'every effect of a message has its row in the inbox',
  of: 'accounts',
  verdict: 'unexplained',
  violations: `
    SELECT 'message ' || advice_id || ' has an effect and no row in the inbox' AS what
      FROM (SELECT advice_id, posted_at AS at FROM ledger_entry WHERE advice_id IS NOT NULL
            UNION ALL SELECT advice_id, decided_at FROM authorisation WHERE advice_id IS NOT NULL) effect
     WHERE at >= (SELECT coalesce(max(pruned_before), '-infinity') FROM messaging.retention)
       AND NOT EXISTS (SELECT FROM messaging.processed_message WHERE message_id = advice_id)`,
});
