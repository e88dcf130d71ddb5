import type { Database, SqlTransaction, Statement } from '#database';
import type { PruneStep, RetentionQuestion, RetentionStore } from '../ports/retention-store.js';
import type { Kept } from '../protocol/retention.js';
import * as started from './started-messages.js';

/** Far ends of dialogs that have never sent a message from there are sources, too: of the end. The oldest come first. */
const NOTE_FAR_ENDS: Statement = {
  name: 'messaging-retention-note-far-ends',
  text: `
    INSERT INTO messaging.retention (from_broker)
    SELECT DISTINCT far_broker
      FROM (SELECT far_broker FROM messaging.dialog_endpoint WHERE ended ORDER BY ended_at LIMIT 1000) AS e
     WHERE far_broker IS NOT NULL
    ON CONFLICT DO NOTHING`,
};

/** Whatever was processed before this instant had been committed at its source before, and so before the source answers. */
const ASK: Statement = {
  name: 'messaging-retention-ask',
  text: `
    WITH due AS (
      SELECT from_broker FROM messaging.retention AS r
       WHERE confirmed_at IS NULL
         AND (asked_at IS NULL OR asked_at < now() - $1 * interval '1 millisecond')
         AND (EXISTS (SELECT FROM messaging.processed_message AS p WHERE p.from_broker = r.from_broker)
              OR EXISTS (SELECT FROM messaging.dialog_endpoint AS e WHERE e.ended AND e.far_broker = r.from_broker))
         FOR UPDATE SKIP LOCKED)
    UPDATE messaging.retention AS r SET question_id = gen_random_uuid(), asked_at = now()
      FROM due WHERE r.from_broker = due.from_broker
    RETURNING r.from_broker, r.question_id`,
};

const CONFIRM: Statement = {
  name: 'messaging-retention-confirm',
  text: `
    UPDATE messaging.retention SET confirmed_at = now(), kept = $3::uuid[]
     WHERE from_broker = $1 AND question_id = $2 AND confirmed_at IS NULL`,
};

const TAKE_ROUND: Statement = {
  name: 'messaging-retention-take-round',
  text: `
    SELECT from_broker FROM messaging.retention
     WHERE confirmed_at < now() - $1 * interval '1 millisecond'
     ORDER BY confirmed_at LIMIT 1 FOR UPDATE SKIP LOCKED`,
};

/**
 * Walks through the inbox in the order of the ids, which needs no index of its own and, ids being of version 7, meets the
 * oldest first; whatever the ids, a round looks at each row once.
 */
const FORGET_MESSAGES: Statement = {
  name: 'messaging-retention-forget-messages',
  text: `
    WITH round AS (SELECT * FROM messaging.retention WHERE from_broker = $1),
    page AS MATERIALIZED (
      SELECT p.* FROM round CROSS JOIN LATERAL (
        SELECT message_id, from_broker, processed_at FROM messaging.processed_message
         WHERE message_id > coalesce(round.walked_to, '00000000-0000-0000-0000-000000000000')
         ORDER BY message_id LIMIT $2) AS p),
    forgotten AS (
      DELETE FROM messaging.processed_message AS p USING page, round
       WHERE p.message_id = page.message_id AND page.from_broker = round.from_broker
         AND page.processed_at < round.asked_at AND page.message_id <> ALL (round.kept)
      RETURNING p.message_id)
    UPDATE messaging.retention AS r
       SET pruned_before = r.asked_at,
           walked_to = coalesce((SELECT message_id FROM page ORDER BY message_id DESC LIMIT 1), r.walked_to)
     WHERE r.from_broker = $1
    RETURNING (SELECT count(*) FROM page)::integer AS looked_at, (SELECT count(*) FROM forgotten)::integer AS forgotten`,
};

/** An end of a dialog goes when the far end keeps nothing of it and nothing of it waits here. */
const FORGET_ENDPOINTS: Statement = {
  name: 'messaging-retention-forget-endpoints',
  text: `
    WITH gone AS (
      SELECT e.dialog_id, e.side FROM messaging.retention AS r JOIN messaging.dialog_endpoint AS e
             ON e.ended AND e.far_broker = r.from_broker AND e.ended_at < r.asked_at AND e.dialog_id <> ALL (r.kept)
       WHERE r.from_broker = $1
         AND NOT EXISTS (SELECT FROM messaging.transmission_queue AS q WHERE q.dialog_id = e.dialog_id)
         AND NOT EXISTS (SELECT FROM messaging.parked_message AS k WHERE k.dialog_id = e.dialog_id)
       ORDER BY e.ended_at LIMIT $2)
    DELETE FROM messaging.dialog_endpoint AS e USING gone WHERE e.dialog_id = gone.dialog_id AND e.side = gone.side
    RETURNING e.dialog_id`,
};

const END_ROUND: Statement = {
  name: 'messaging-retention-end-round',
  text: `
    UPDATE messaging.retention
       SET question_id = NULL, asked_at = NULL, confirmed_at = NULL, walked_to = NULL, kept = '{}'
     WHERE from_broker = $1`,
};

/** Messages whose broker is still open may end up at any. */
const KEPT: Statement = {
  name: 'messaging-retention-kept',
  text: `
    SELECT message_id, CASE WHEN dialog_side IS NOT NULL THEN dialog_id END AS dialog_id
      FROM messaging.transmission_queue WHERE to_broker = $1 OR to_broker IS NULL LIMIT $2 + 1`,
};

const PROCESSED_ROWS: Statement = {
  name: 'messaging-retention-processed-rows',
  text: `SELECT greatest(n_live_tup, 0)::float8 AS rows FROM pg_stat_user_tables
          WHERE schemaname = 'messaging' AND relname = 'processed_message'`,
};

/** Rounds as rows, beside the inbox. */
export class PostgresRetentionStore implements RetentionStore {
  constructor(private readonly database: Database) {}

  async ask(overdueMs: number): Promise<RetentionQuestion[]> {
    await this.database.query(NOTE_FAR_ENDS);
    const rows = await this.database.query<{ from_broker: string; question_id: string }>(ASK, [overdueMs]);
    return rows.map((row) => ({ fromBroker: row.from_broker, questionId: row.question_id }));
  }

  async confirm({ fromBroker, questionId }: RetentionQuestion, kept: readonly string[]): Promise<void> {
    await this.database.query(CONFIRM, [fromBroker, questionId, kept]);
  }

  prune(waitMs: number, rowsMax: number): Promise<PruneStep> {
    return this.database.transaction(async (tx) => {
      const [round] = await tx.query<{ from_broker: string }>(TAKE_ROUND, [waitMs]);
      if (round === undefined) return { more: false, forgotten: 0 };
      return forget(tx, round.from_broker, rowsMax);
    });
  }

  async kept(broker: string, idsMax: number): Promise<Kept> {
    const rows = await this.database.query<{ message_id: string; dialog_id: string | null }>(KEPT, [broker, idsMax]);
    const ids = new Set(rows.flatMap((row) => [row.message_id, row.dialog_id]).filter((id) => id !== null));
    return ids.size > idsMax ? null : [...ids];
  }

  async forgetStarts(ageMs: number): Promise<void> {
    await this.database.query(started.FORGET, [ageMs]);
  }

  async processedRows(): Promise<number> {
    return (await this.database.query<{ rows: number }>(PROCESSED_ROWS))[0]?.rows ?? 0;
  }
}

async function forget(tx: SqlTransaction, fromBroker: string, rowsMax: number): Promise<PruneStep> {
  const values = [fromBroker, rowsMax];
  const endpoints = await tx.query(FORGET_ENDPOINTS, values);
  const [messages] = await tx.query<{ looked_at: number; forgotten: number }>(FORGET_MESSAGES, values);
  const isOver = endpoints.length < rowsMax && (messages?.looked_at ?? 0) < rowsMax;
  if (isOver) await tx.query(END_ROUND, [fromBroker]);
  return { more: true, forgotten: endpoints.length + (messages?.forgotten ?? 0) };
}
