import type { SqlTransaction, Statement } from '#database';
import type { DialogEndpoints, EndpointKey, Progress, Reservation } from '../ports/dialog-store.js';
import type { DialogSide, Endpoint } from '../protocol/dialog/index.js';

const BEGIN: Statement = {
  name: 'messaging-dialog-begin',
  text: `
    INSERT INTO messaging.dialog_endpoint
      (dialog_id, side, service, far_service, far_broker, conversation_group, confirmed)
    VALUES ($1, 'initiator', $2, $3, $4, $5, true)
    ON CONFLICT DO NOTHING RETURNING dialog_id`,
};

const RESERVE: Statement = {
  name: 'messaging-dialog-reserve',
  text: `
    UPDATE messaging.dialog_endpoint
       SET next_send_sequence = next_send_sequence + $3, end_sent = $4, error_reason = coalesce($5, error_reason)
     WHERE dialog_id = $1 AND ($2::text IS NULL OR side = $2) AND state = 'open'
    RETURNING dialog_id, side, service, far_service, far_broker, conversation_group,
              next_send_sequence - $3 AS first_sequence`,
};

const LOCK: Statement = {
  name: 'messaging-dialog-lock',
  text: `
    SELECT e.dialog_id, e.side, e.service, e.far_service, e.far_broker, e.confirmed, e.next_send_sequence, e.end_sent,
           e.next_receive_sequence, e.far_last_sequence, e.ended
      FROM messaging.dialog_endpoint AS e
      JOIN unnest($1::uuid[], $2::text[]) AS k(dialog_id, side) ON e.dialog_id = k.dialog_id AND e.side = k.side
     ORDER BY e.dialog_id, e.side FOR UPDATE OF e`,
};

const INSERT: Statement = {
  name: 'messaging-dialog-insert',
  text: `
    INSERT INTO messaging.dialog_endpoint (dialog_id, side, service, far_service, far_broker, confirmed)
    SELECT n."dialogId", n.side, n.service, n."farService", n."farBroker", n.confirmed
      FROM jsonb_to_recordset($1::jsonb) AS n("dialogId" uuid, side text, service text, "farService" text,
           "farBroker" text, confirmed boolean)
     ORDER BY n."dialogId", n.side
    ON CONFLICT DO NOTHING`,
};

const SAVE_PROGRESS: Statement = {
  name: 'messaging-dialog-save-progress',
  text: `
    UPDATE messaging.dialog_endpoint AS e
       SET confirmed = p.confirmed, next_receive_sequence = p."nextReceiveSequence",
           far_last_sequence = p."farLastSequence", ended = p.ended,
           ended_at = CASE WHEN p.ended THEN coalesce(e.ended_at, now()) END,
           error_reason = coalesce(p."errorReason", e.error_reason)
      FROM jsonb_to_recordset($1::jsonb) AS p("dialogId" uuid, side text, confirmed boolean,
           "nextReceiveSequence" integer, "farLastSequence" integer, ended boolean, "errorReason" text)
     WHERE e.dialog_id = p."dialogId" AND e.side = p.side`,
};

const SAVE_LOCK: Statement = {
  name: 'messaging-dialog-save-lock',
  text: `
    UPDATE messaging.dialog_endpoint AS e SET far_broker = l.far_broker
      FROM unnest($1::uuid[], $2::text[]) AS l(dialog_id, far_broker)
     WHERE e.dialog_id = l.dialog_id AND e.side = 'initiator' AND e.far_broker IS NULL`,
};

const REMOVE: Statement = {
  name: 'messaging-dialog-remove',
  text: `
    WITH gone AS (
      DELETE FROM messaging.dialog_endpoint AS e USING unnest($1::uuid[], $2::text[]) AS k(dialog_id, side)
       WHERE e.dialog_id = k.dialog_id AND e.side = k.side RETURNING e.dialog_id, e.side)
    DELETE FROM messaging.parked_message AS p USING gone WHERE p.dialog_id = gone.dialog_id AND p.side = gone.side`,
};

interface EndpointRow {
  readonly dialog_id: string;
  readonly side: DialogSide;
  readonly service: string;
  readonly far_service: string;
  readonly far_broker: string | null;
  readonly confirmed: boolean;
  readonly next_send_sequence: number;
  readonly end_sent: boolean;
  readonly next_receive_sequence: number;
  readonly far_last_sequence: number | null;
  readonly ended: boolean;
}

interface ReservationRow {
  readonly dialog_id: string;
  readonly side: DialogSide;
  readonly service: string;
  readonly far_service: string;
  readonly far_broker: string | null;
  readonly conversation_group: string | null;
  readonly first_sequence: number;
}

/** Ends of dialogs as rows beside the business data. */
export class PostgresDialogEndpoints implements DialogEndpoints {
  async begin(tx: SqlTransaction, endpoint: Endpoint, conversationGroup: string | null): Promise<boolean> {
    const { dialogId, service, farService, farBroker } = endpoint;
    const rows = await tx.query(BEGIN, [dialogId, service, farService, farBroker, conversationGroup]);
    return rows.length > 0;
  }

  async reserve(
    tx: SqlTransaction,
    dialog: { readonly dialogId: string; readonly side: DialogSide | null },
    count: number,
    ending: boolean,
    errorReason: string | null,
  ): Promise<Reservation[]> {
    const values = [dialog.dialogId, dialog.side, count, ending, errorReason];
    return (await tx.query<ReservationRow>(RESERVE, values)).map((row) => ({
      dialogId: row.dialog_id,
      side: row.side,
      service: row.service,
      farService: row.far_service,
      farBroker: row.far_broker,
      conversationGroup: row.conversation_group,
      firstSequence: row.first_sequence,
    }));
  }

  async lock(tx: SqlTransaction, keys: readonly EndpointKey[]): Promise<Endpoint[]> {
    if (keys.length === 0) return [];
    return (await tx.query<EndpointRow>(LOCK, columns(keys))).map(endpointOf);
  }

  async insert(tx: SqlTransaction, endpoints: readonly Endpoint[]): Promise<void> {
    if (endpoints.length > 0) await tx.query(INSERT, [JSON.stringify(endpoints)]);
  }

  async saveProgress(tx: SqlTransaction, endpoints: readonly Progress[]): Promise<void> {
    if (endpoints.length > 0) await tx.query(SAVE_PROGRESS, [JSON.stringify(endpoints)]);
  }

  async saveLock(tx: SqlTransaction, endpoints: readonly Endpoint[]): Promise<void> {
    if (endpoints.length === 0) return;
    await tx.query(SAVE_LOCK, [endpoints.map(({ dialogId }) => dialogId), endpoints.map(({ farBroker }) => farBroker)]);
  }

  async remove(tx: SqlTransaction, keys: readonly EndpointKey[]): Promise<void> {
    if (keys.length > 0) await tx.query(REMOVE, columns(keys));
  }
}

const columns = (keys: readonly EndpointKey[]) => [keys.map(({ dialogId }) => dialogId), keys.map(({ side }) => side)];

function endpointOf(row: EndpointRow): Endpoint {
  return {
    dialogId: row.dialog_id,
    side: row.side,
    service: row.service,
    farService: row.far_service,
    farBroker: row.far_broker,
    confirmed: row.confirmed,
    nextSendSequence: row.next_send_sequence,
    endSent: row.end_sent,
    nextReceiveSequence: row.next_receive_sequence,
    farLastSequence: row.far_last_sequence,
    ended: row.ended,
  };
}
