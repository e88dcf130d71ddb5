import { RowSet, type SqlTransaction, type Statement } from '#database';
import type { ProcessedMessage, ProcessedMessages } from '../ports/store.js';
import type { Envelope, JsonValue } from '../protocol/envelope.js';

/** In the order of the ids, so that replicas that claim the same messages wait for each other in one direction only. */
const CLAIM: Statement = {
  name: 'messaging-processed-claim',
  text: `
    INSERT INTO messaging.processed_message (message_id, dialog_id, type, fingerprint, from_broker)
    SELECT m.message_id, m.dialog_id, m.type, decode(m.fingerprint, 'hex'), m.from_broker
      FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::text[])
           AS m(message_id, dialog_id, type, fingerprint, from_broker)
     ORDER BY m.message_id
    ON CONFLICT (message_id) DO NOTHING
    RETURNING message_id`,
};

const FIND: Statement = {
  name: 'messaging-processed-find',
  text: `
    SELECT message_id, encode(fingerprint, 'hex') AS fingerprint, answer
      FROM messaging.processed_message WHERE message_id = ANY ($1::uuid[])`,
};

const ANSWERS = new RowSet({ messageId: 'uuid', answer: 'jsonb' });

const STORE_ANSWERS: Statement = {
  name: 'messaging-processed-store-answers',
  text: `
    UPDATE messaging.processed_message AS p SET answer = a.answer
      FROM ${ANSWERS.from('$1')} AS a
     WHERE p.message_id = a."messageId"`,
};

/** Who has to be asked what may be forgotten. */
const NOTE_SOURCES: Statement = {
  name: 'messaging-processed-note-sources',
  text: `
    INSERT INTO messaging.retention (from_broker) SELECT unnest($1::text[]) AS from_broker ORDER BY 1
    ON CONFLICT DO NOTHING`,
};

/** The inbox's memory as a table beside the effects of the messages. */
export class PostgresProcessedMessages implements ProcessedMessages {
  /** Sources that are noted: each costs a statement once in the life of a process. */
  private readonly sources = new Set<string>();

  async claim(
    tx: SqlTransaction,
    messages: readonly { readonly envelope: Envelope; readonly fingerprint: string }[],
  ): Promise<ReadonlySet<string>> {
    this.noteSources(
      tx,
      messages.map(({ envelope }) => envelope.fromBroker),
    );
    const rows = await tx.query<{ message_id: string }>(CLAIM, [
      messages.map(({ envelope }) => envelope.messageId),
      messages.map(({ envelope }) => envelope.dialogId),
      messages.map(({ envelope }) => envelope.type),
      messages.map(({ fingerprint }) => fingerprint),
      messages.map(({ envelope }) => envelope.fromBroker),
    ]);
    return new Set(rows.map((row) => row.message_id));
  }

  private noteSources(tx: SqlTransaction, brokers: readonly string[]): void {
    const unknown = [...new Set(brokers)].filter((broker) => !this.sources.has(broker));
    if (unknown.length === 0) return;
    tx.write(NOTE_SOURCES, [unknown]);
    tx.afterCommit(() => unknown.forEach((broker) => this.sources.add(broker)));
  }

  async find(tx: SqlTransaction, messageIds: readonly string[]): Promise<ProcessedMessage[]> {
    const rows = await tx.query<{ message_id: string; fingerprint: string; answer: JsonValue }>(FIND, [messageIds]);
    return rows.map((row) => ({ messageId: row.message_id, fingerprint: row.fingerprint, answer: row.answer }));
  }

  storeAnswers(
    tx: SqlTransaction,
    answers: readonly { readonly messageId: string; readonly answer: JsonValue }[],
  ): void {
    tx.write(STORE_ANSWERS, [ANSWERS.valueOf(answers)]);
  }
}
