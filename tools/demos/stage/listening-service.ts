import { z } from 'zod';
import { Database, type SqlTransaction } from '#database';
import { HandleMessage, type JsonValue, MessageService, type ReceivedMessage } from '#messaging';

const wordSchema = z.strictObject({ word: z.string() });

type Word = z.infer<typeof wordSchema>;

/** The article's `TargetService`: writes down what it is told, in the order in which it acts on it. */
@MessageService('target-service')
export class ListeningService {
  @HandleMessage<Word>({ type: 'word', version: 1, schema: wordSchema })
  async hear({ dialogId, body }: ReceivedMessage<Word>, tx: SqlTransaction): Promise<JsonValue> {
    await tx.query({ name: 'demo-hear', text: 'INSERT INTO heard (dialog_id, word) VALUES ($1, $2)' }, [
      dialogId,
      body.word,
    ]);
    return 'heard';
  }
}

export interface Heard {
  readonly dialogId: string;
  readonly word: string;
}

export async function prepareToListen(database: Database): Promise<void> {
  const text = 'CREATE TABLE heard (position serial, dialog_id uuid NOT NULL, word text NOT NULL)';
  await database.query({ name: 'demo-prepare', text });
}

/** In the order in which it was acted on. */
export function heardBy(database: Database): Promise<Heard[]> {
  const text = 'SELECT dialog_id AS "dialogId", word FROM heard ORDER BY position';
  return database.query<Heard & Record<string, unknown>>({ name: 'demo-heard', text });
}
