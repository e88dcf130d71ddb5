import { journalRecordsSchema, MESSAGE, SERVICE, type JournalRecords } from '#contracts';
import type { SqlTransaction } from '#database';
import { HandleMessages, MessageService, type JsonValue, type ReceivedMessage } from '#messaging';
import { ArchiveJournal } from './archive-journal.js';

/** The message endpoint of the service `journal`: one dialog for each session at a terminal. */
@MessageService(SERVICE.journal)
export class JournalEndpoint {
  constructor(private readonly journal: ArchiveJournal) {}

  @HandleMessages<JournalRecords>({ type: MESSAGE.journalRecords, version: 1, schema: journalRecordsSchema })
  archive(messages: readonly ReceivedMessage<JournalRecords>[], tx: SqlTransaction): Promise<JsonValue[]> {
    return this.journal.archive(messages, tx);
  }
}
