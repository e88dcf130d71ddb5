import { RowSet } from '#database';

export const QUEUED_MESSAGES = new RowSet({
  ...{ messageId: 'uuid', dialogId: 'uuid', sequence: 'integer', fromService: 'text', toService: 'text' },
  ...{ toBroker: 'text', dialogSide: 'text', routingKey: 'text', type: 'text', version: 'integer', body: 'jsonb' },
  ...{ traceparent: 'text', resendMs: 'integer' },
});

/**
 * `messaging.enqueue` keeps `QUEUED_MESSAGES` in the transmission queue, as sent once now. A function, so that
 * a caller whose whole transaction is one statement can send with it (`Messaging.prepare`). `clock_timestamp()`, since the
 * transaction may have begun long before. PL/pgSQL keeps its plans: a function in SQL is parsed and planned anew by every statement that calls it.
 */
export const ENQUEUE = `
CREATE OR REPLACE FUNCTION messaging.enqueue(messages jsonb) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO messaging.transmission_queue
    (message_id, dialog_id, sequence, from_service, to_service, to_broker, dialog_side, routing_key, type, version, body,
     traceparent, attempts, next_attempt_at)
  SELECT m."messageId", m."dialogId", m.sequence, m."fromService", m."toService", m."toBroker", m."dialogSide",
         m."routingKey", m.type, m.version, coalesce(m.body, 'null'), m.traceparent, 1,
         clock_timestamp() + m."resendMs" * interval '1 millisecond'
    FROM ${QUEUED_MESSAGES.from('messages')} AS m;
END $$;
`;
