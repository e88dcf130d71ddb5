import { Injectable } from '@nestjs/common';
import type { JournalRecords } from '#contracts';
import type { SqlTransaction, Statement } from '#database';
import type { ReceivedMessage } from '#messaging';

/** In the order in which the messages arrived, which within a session is the order of its journal. */
const ARCHIVE: Statement = {
  name: 'archive-journal-records',
  text: /* sql */ `
    INSERT INTO journal_archive (terminal_id, seq, session_id, at, kind, data, previous_hash, hash, dialog_id, dialog_sequence)
    SELECT message ->> 'terminalId', (record ->> 'seq')::bigint, (message ->> 'sessionId')::uuid,
           (record ->> 'at')::timestamptz, record ->> 'kind', record -> 'data', decode(record ->> 'previousHash', 'hex'),
           decode(record ->> 'hash', 'hex'), (message ->> 'dialogId')::uuid, (message ->> 'sequence')::integer
      FROM jsonb_array_elements($1::jsonb) WITH ORDINALITY AS m (message, message_no),
           jsonb_array_elements(message -> 'records') WITH ORDINALITY AS r (record, record_no)
     ORDER BY message_no, record_no`,
};

/** Keeps what the terminals' journals say of each session. A record that is there already is a fault: nothing is archived twice. */
@Injectable()
export class ArchiveJournal {
  async archive(messages: readonly ReceivedMessage<JournalRecords>[], tx: SqlTransaction): Promise<null[]> {
    const parts = messages.map(({ dialogId, sequence, body }) => ({ dialogId, sequence, ...body }));
    await tx.query(ARCHIVE, [JSON.stringify(parts)]);
    return messages.map(() => null);
  }
}
