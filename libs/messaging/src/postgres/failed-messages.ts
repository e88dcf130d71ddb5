import type { Statement } from '#database';

/** Statements on messages that are parked because their handler fails, or replicas die of them. */

/** $7: when the copy was made; $8: how long channels may hold one, milliseconds. */
const MAY_BE_PARKED = `
     WHERE NOT EXISTS (SELECT FROM messaging.processed_message WHERE message_id = $1::uuid)
       AND ($7::timestamptz > now() - $8 * interval '1 millisecond'
            OR EXISTS (SELECT FROM messaging.parked_message WHERE message_id = $1::uuid))`;

/** One that waited in its dialog fails where it stands. */
export const FAIL: Statement = {
  name: 'messaging-failed-fail',
  text: `
    INSERT INTO messaging.parked_message AS k
      (message_id, dialog_id, side, sequence, envelope, reason, attempts, last_error)
    SELECT $1::uuid, $2::uuid, $3, $4::integer, $5::jsonb, 'failed', 1, $6 ${MAY_BE_PARKED}
    ON CONFLICT (message_id) DO UPDATE
       SET reason = 'failed', attempts = k.attempts + 1, last_error = excluded.last_error
    RETURNING attempts`,
};

export const NEXT_ATTEMPT: Statement = {
  name: 'messaging-failed-next-attempt',
  text: `
    UPDATE messaging.parked_message SET next_attempt_at = clock_timestamp() + $2 * interval '1 millisecond'
     WHERE message_id = $1`,
};

export const CRASH: Statement = {
  name: 'messaging-failed-crash',
  text: `
    INSERT INTO messaging.parked_message AS k
      (message_id, dialog_id, side, sequence, envelope, reason, last_error, crashes)
    SELECT $1::uuid, $2::uuid, $3, $4::integer, $5::jsonb, 'crashed', $6, $9::integer ${MAY_BE_PARKED}
    ON CONFLICT (message_id) DO UPDATE
       SET reason = 'crashed', crashes = excluded.crashes, last_error = excluded.last_error, next_attempt_at = NULL`,
};

/** A retry is leased, so that another replica takes it where this one dies. */
export const CLAIM_DUE: Statement = {
  name: 'messaging-failed-claim-due',
  text: `
    WITH due AS (
      SELECT message_id FROM messaging.parked_message
       WHERE next_attempt_at <= now() AND reason = 'failed' ORDER BY next_attempt_at LIMIT $1 FOR UPDATE SKIP LOCKED)
    UPDATE messaging.parked_message AS k SET next_attempt_at = now() + $2 * interval '1 millisecond'
      FROM due WHERE k.message_id = due.message_id
    RETURNING k.envelope, k.attempts`,
};

export const RELEASE: Statement = {
  name: 'messaging-failed-release',
  text: `DELETE FROM messaging.parked_message WHERE message_id = ANY ($1::uuid[]) AND reason IN ('failed', 'crashed')`,
};

export const REVIVE: Statement = {
  name: 'messaging-failed-revive',
  text: `
    UPDATE messaging.parked_message SET reason = 'failed', attempts = 0, crashes = 0, next_attempt_at = now()
     WHERE message_id = $1 AND reason IN ('failed', 'crashed') RETURNING message_id`,
};

export const COUNT: Statement = {
  name: 'messaging-parked-count',
  text: `
    SELECT count(*) FILTER (WHERE reason = 'gap')::integer AS gap,
           count(*) FILTER (WHERE reason = 'unconfirmed')::integer AS unconfirmed,
           count(*) FILTER (WHERE reason = 'failed')::integer AS failed,
           count(*) FILTER (WHERE reason = 'crashed')::integer AS crashed
      FROM messaging.parked_message`,
};

const QUEUED = `
  SELECT message_id, 'queued' AS state, dialog_id, sequence, type, version, from_service, NULL AS from_broker, to_service, to_broker,
         attempts, 0 AS crashes, NULL AS reason, NULL AS last_error, created_at AS since, next_attempt_at, body
    FROM messaging.transmission_queue`;

const PARKED = `
  SELECT message_id, CASE WHEN reason IN ('failed', 'crashed') AND next_attempt_at IS NULL THEN 'dead' ELSE 'parked' END AS state,
         dialog_id, sequence, envelope ->> 'type' AS type, (envelope -> 'version')::integer AS version,
         envelope ->> 'fromService' AS from_service, envelope ->> 'fromBroker' AS from_broker,
         envelope ->> 'toService' AS to_service, NULL AS to_broker, attempts, crashes, reason, last_error, parked_at AS since,
         next_attempt_at, envelope -> 'body' AS body
    FROM messaging.parked_message`;

/** Oldest first. */
export const LIST: Readonly<Record<'queued' | 'waiting', Statement>> = {
  queued: { name: 'messaging-list-queued', text: `${QUEUED} ORDER BY created_at, sequence LIMIT $1` },
  waiting: {
    name: 'messaging-list-parked',
    text: `SELECT * FROM (${PARKED}) AS k WHERE state = $2 ORDER BY since, sequence LIMIT $1`,
  },
};

export const FIND: Statement = {
  name: 'messaging-find-message',
  text: `${QUEUED} WHERE message_id = $1 UNION ALL ${PARKED} WHERE message_id = $1`,
};
