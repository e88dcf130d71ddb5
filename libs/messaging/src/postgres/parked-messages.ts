import type { Database, SqlTransaction, Statement } from '#database';
import type { NewParked, ParkedMessages, ParkedPosition, ParkedReason } from '../ports/dialog-store.js';
import type { DialogSide } from '../protocol/dialog/index.js';
import type { Envelope } from '../protocol/envelope.js';

/** Wait for a confirmation before it is asked for again, seconds; a refusal or a confirmation was probably lost. */
const CONFIRMATION_OVERDUE_SECONDS = 10;

/** One whose attempt failed, and which has to wait for something else after all, does not wait for its next attempt any more. */
const PARK: Statement = {
  name: 'messaging-parked-park',
  text: `
    INSERT INTO messaging.parked_message AS k
      (message_id, dialog_id, side, sequence, envelope, reason, next_attempt_at)
    SELECT (m.envelope->>'messageId')::uuid, (m.envelope->>'dialogId')::uuid, m.side, (m.envelope->>'sequence')::integer,
           m.envelope, m.reason, CASE WHEN m.reason = 'unconfirmed' THEN now() + $2 * interval '1 second' END
      FROM jsonb_to_recordset($1::jsonb) AS m(envelope jsonb, side text, reason text)
     ORDER BY 1
    ON CONFLICT (message_id) DO UPDATE
       SET reason = excluded.reason, next_attempt_at = excluded.next_attempt_at
     WHERE k.reason IN ('failed', 'crashed')`,
};

const POSITIONS: Statement = {
  name: 'messaging-parked-positions',
  text: `
    SELECT message_id, dialog_id, side, sequence, reason FROM messaging.parked_message
     WHERE dialog_id = ANY ($1::uuid[]) AND side IS NOT NULL ORDER BY sequence`,
};

const ENVELOPES: Statement = {
  name: 'messaging-parked-envelopes',
  text: 'SELECT envelope FROM messaging.parked_message WHERE message_id = ANY ($1::uuid[]) ORDER BY sequence',
};

const REMOVE: Statement = {
  name: 'messaging-parked-remove',
  text: 'DELETE FROM messaging.parked_message WHERE message_id = ANY ($1::uuid[])',
};

const CLAIM_UNCONFIRMED: Statement = {
  name: 'messaging-parked-claim-unconfirmed',
  text: `
    WITH due AS (
      SELECT message_id FROM messaging.parked_message
       WHERE next_attempt_at <= now() AND reason = 'unconfirmed'
       ORDER BY next_attempt_at LIMIT $1 FOR UPDATE SKIP LOCKED)
    UPDATE messaging.parked_message AS p
       SET next_attempt_at = now() + $2 * (0.8 + 0.4 * random()) * interval '1 second'
      FROM due WHERE p.message_id = due.message_id
    RETURNING p.envelope`,
};

interface PositionRow {
  readonly message_id: string;
  readonly dialog_id: string;
  readonly side: DialogSide;
  readonly sequence: number;
  readonly reason: ParkedReason;
}

/** What waits, as rows beside the endpoints that it waits for. */
export class PostgresParkedMessages implements ParkedMessages {
  constructor(private readonly database: Database) {}

  async park(tx: SqlTransaction, messages: readonly NewParked[]): Promise<void> {
    if (messages.length > 0) await tx.query(PARK, [JSON.stringify(messages), CONFIRMATION_OVERDUE_SECONDS]);
  }

  async positions(tx: SqlTransaction, dialogIds: readonly string[]): Promise<ParkedPosition[]> {
    const rows = await tx.query<PositionRow>(POSITIONS, [dialogIds]);
    return rows.map(({ message_id: messageId, dialog_id: dialogId, ...row }) => ({ messageId, dialogId, ...row }));
  }

  async envelopes(tx: SqlTransaction, messageIds: readonly string[]): Promise<Envelope[]> {
    return (await tx.query<{ envelope: Envelope }>(ENVELOPES, [messageIds])).map(({ envelope }) => envelope);
  }

  async remove(tx: SqlTransaction, messageIds: readonly string[]): Promise<void> {
    if (messageIds.length > 0) await tx.query(REMOVE, [messageIds]);
  }

  async claimUnconfirmed(messagesMax: number): Promise<Envelope[]> {
    const values = [messagesMax, CONFIRMATION_OVERDUE_SECONDS];
    return (await this.database.query<{ envelope: Envelope }>(CLAIM_UNCONFIRMED, values)).map(
      ({ envelope }) => envelope,
    );
  }
}
