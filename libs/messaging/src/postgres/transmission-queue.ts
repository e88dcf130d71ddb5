import type { Database, SqlTransaction, Statement } from '#database';
import type { DueMessage, QueuedMessage, TransmissionQueue } from '../ports/store.js';
import type { DialogSide } from '../protocol/dialog/index.js';
import type { JsonValue } from '../protocol/envelope.js';
import { RESEND_BASE_MS, RESEND_DELAYS_MS } from '../protocol/backoff.js';
import { QUEUED_MESSAGES } from './enqueue.js';

const INSERT: Statement = { name: 'messaging-transmission-insert', text: 'SELECT messaging.enqueue($1::jsonb)' };

const COLUMNS = `q.message_id, q.dialog_id, q.sequence, q.from_service, q.to_service, q.to_broker, q.dialog_side, q.routing_key,
              q.type, q.version, q.body, q.traceparent`;

/**
 * Delays are jittered by a fifth, so that what failed together does not come back together. The brokers that anything is for are
 * found by skipping through the index, so that neither how much waits for one of them nor the order of its rows delays another.
 */
const CLAIM_DUE: Statement = {
  name: 'messaging-transmission-claim-due',
  text: `
    WITH RECURSIVE peer AS (
      SELECT min(to_broker) AS to_broker FROM messaging.transmission_queue
      UNION ALL
      SELECT (SELECT min(q.to_broker) FROM messaging.transmission_queue AS q WHERE q.to_broker > peer.to_broker)
        FROM peer WHERE peer.to_broker IS NOT NULL),
    named AS (
      SELECT one.message_id FROM peer CROSS JOIN LATERAL (
        SELECT q.message_id FROM messaging.transmission_queue AS q
         WHERE q.to_broker = peer.to_broker AND q.next_attempt_at <= now() + $4 * interval '1 millisecond'
         ORDER BY q.next_attempt_at LIMIT $1 FOR UPDATE SKIP LOCKED) AS one
       WHERE peer.to_broker <> ALL ($3::text[])),
    open AS (
      SELECT q.message_id FROM messaging.transmission_queue AS q
       WHERE q.to_broker IS NULL AND q.next_attempt_at <= now() + $4 * interval '1 millisecond'
       ORDER BY q.next_attempt_at LIMIT $1 FOR UPDATE SKIP LOCKED)
    UPDATE messaging.transmission_queue AS q
       SET attempts = q.attempts + 1,
           next_attempt_at = clock_timestamp() + ($2::integer[])[least(q.attempts + 1, cardinality($2::integer[]))]
                             * (0.8 + 0.4 * random()) * interval '1 millisecond'
     WHERE q.message_id = ANY (ARRAY(SELECT message_id FROM named UNION ALL SELECT message_id FROM open))
    RETURNING ${COLUMNS}, q.created_at, q.attempts`,
};

const CLAIM: Statement = {
  name: 'messaging-transmission-claim',
  text: `
    UPDATE messaging.transmission_queue AS q
       SET attempts = q.attempts + 1, next_attempt_at = clock_timestamp() + $2 * interval '1 millisecond'
     WHERE q.message_id = $1
    RETURNING ${COLUMNS}, q.created_at, q.attempts`,
};

const REMOVE: Statement = {
  name: 'messaging-transmission-remove',
  text: `
    DELETE FROM messaging.transmission_queue AS q WHERE message_id = ANY ($1::uuid[]) RETURNING ${COLUMNS}`,
};

const SETTLE_BROKER: Statement = {
  name: 'messaging-transmission-settle-broker',
  text: `
    UPDATE messaging.transmission_queue AS q
       SET to_broker = d.broker, attempts = q.attempts + 1,
           next_attempt_at = clock_timestamp() + $3 * interval '1 millisecond'
      FROM unnest($1::uuid[], $2::text[]) AS d(dialog_id, broker)
     WHERE q.dialog_id = d.dialog_id AND q.dialog_side = 'initiator' AND q.to_broker IS NULL
    RETURNING ${COLUMNS}, q.created_at, q.attempts`,
};

const SIZE: Statement = {
  name: 'messaging-transmission-size',
  text: `
    SELECT count(*)::integer AS unanswered,
           coalesce(extract(epoch FROM now() - min(created_at)), 0)::float8 AS oldest_unanswered_seconds
      FROM messaging.transmission_queue`,
};

interface MessageRow {
  readonly message_id: string;
  readonly dialog_id: string;
  readonly sequence: number;
  readonly from_service: string;
  readonly to_service: string;
  readonly to_broker: string | null;
  readonly dialog_side: DialogSide | null;
  readonly routing_key: string | null;
  readonly type: string;
  readonly version: number;
  readonly body: JsonValue;
  readonly traceparent: string | null;
}

interface DueRow extends MessageRow {
  readonly created_at: Date;
  readonly attempts: number;
}

/** The transmission queue as a table beside the business data. */
export class PostgresTransmissionQueue implements TransmissionQueue {
  constructor(private readonly database: Database) {}

  insert(tx: SqlTransaction, messages: readonly QueuedMessage[]): void {
    tx.write(INSERT, [this.rowsOf(messages)]);
  }

  rowsOf(messages: readonly QueuedMessage[]): string {
    return QUEUED_MESSAGES.valueOf(messages.map((message) => ({ ...message, resendMs: RESEND_BASE_MS })));
  }

  async claimDue(messagesMaxEach: number, exceptFor: readonly string[], aheadMs: number): Promise<DueMessage[]> {
    const values = [messagesMaxEach, RESEND_DELAYS_MS, exceptFor, aheadMs];
    const rows = await this.database.query<DueRow>(CLAIM_DUE, values);
    return dueMessages(rows);
  }

  async claim(messageId: string): Promise<DueMessage[]> {
    return dueMessages(await this.database.query<DueRow>(CLAIM, [messageId, RESEND_BASE_MS]));
  }

  async remove(tx: SqlTransaction, messageIds: readonly string[]): Promise<QueuedMessage[]> {
    return (await tx.query<MessageRow>(REMOVE, [messageIds])).map(messageOf);
  }

  async settleBroker(
    tx: SqlTransaction,
    dialogs: readonly { readonly dialogId: string; readonly farBroker: string | null }[],
  ): Promise<DueMessage[]> {
    const ids = dialogs.map(({ dialogId }) => dialogId);
    const brokers = dialogs.map(({ farBroker }) => farBroker);
    return dueMessages(await tx.query<DueRow>(SETTLE_BROKER, [ids, brokers, RESEND_BASE_MS]));
  }

  async size(): Promise<{ unanswered: number; oldestUnansweredSeconds: number }> {
    const [row] = await this.database.query<{ unanswered: number; oldest_unanswered_seconds: number }>(SIZE);
    return { unanswered: row?.unanswered ?? 0, oldestUnansweredSeconds: row?.oldest_unanswered_seconds ?? 0 };
  }
}

/** In the order in which they were sent. */
const dueMessages = (rows: readonly DueRow[]): DueMessage[] =>
  rows
    .map((row) => ({ ...messageOf(row), createdAt: row.created_at, attempts: row.attempts }))
    .sort((one, other) => one.createdAt.getTime() - other.createdAt.getTime() || one.sequence - other.sequence);

function messageOf(row: MessageRow): QueuedMessage {
  return {
    messageId: row.message_id,
    dialogId: row.dialog_id,
    sequence: row.sequence,
    fromService: row.from_service,
    toService: row.to_service,
    toBroker: row.to_broker,
    dialogSide: row.dialog_side,
    routingKey: row.routing_key,
    type: row.type,
    version: row.version,
    body: row.body,
    traceparent: row.traceparent,
  };
}
