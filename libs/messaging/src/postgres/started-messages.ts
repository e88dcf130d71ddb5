import type { Statement } from '#database';

/** Statements on messages that came again and are being handled. */

export const BEGIN: Statement = {
  name: 'messaging-started-begin',
  text: `
    WITH seen AS (
      SELECT i.message_id,
             CASE WHEN p.message_id IS NOT NULL THEN 'processed'
                  WHEN k.reason IN ('failed', 'crashed') AND NOT i.is_retry THEN 'parked'
                  WHEN s.lease_until >= now() THEN 'in-progress'
                  WHEN s.message_id IS NOT NULL THEN 'left-behind'
                  ELSE 'begun' END AS standing
        FROM unnest($1::uuid[], $2::boolean[]) AS i(message_id, is_retry)
        LEFT JOIN messaging.processed_message AS p USING (message_id)
        LEFT JOIN messaging.parked_message AS k USING (message_id)
        LEFT JOIN messaging.started_message AS s USING (message_id)),
    begun AS (
      INSERT INTO messaging.started_message (message_id, lease_until)
      SELECT message_id, now() + $3 * interval '1 millisecond' FROM seen WHERE standing = 'begun' ORDER BY message_id
      ON CONFLICT DO NOTHING RETURNING message_id)
    SELECT message_id, CASE WHEN standing = 'begun' AND begun.message_id IS NULL THEN 'in-progress' ELSE standing END AS standing
      FROM seen LEFT JOIN begun USING (message_id)`,
};

export const BEGIN_AGAIN: Statement = {
  name: 'messaging-started-begin-again',
  text: `
    UPDATE messaging.started_message SET starts = starts + 1, lease_until = now() + $2 * interval '1 millisecond'
     WHERE message_id = $1 AND lease_until < now() RETURNING starts`,
};

export const RENEW: Statement = {
  name: 'messaging-started-renew',
  text: `
    UPDATE messaging.started_message SET lease_until = now() + $2 * interval '1 millisecond'
     WHERE message_id = ANY ($1::uuid[])`,
};

/** What has not begun again for as long as channels hold copies is over, however it ended; its end was not recorded. */
export const FORGET: Statement = {
  name: 'messaging-started-forget',
  text: `DELETE FROM messaging.started_message WHERE lease_until < now() - $1 * interval '1 millisecond'`,
};

export const FINISH: Statement = {
  name: 'messaging-started-finish',
  text: 'DELETE FROM messaging.started_message WHERE message_id = ANY ($1::uuid[])',
};
