import { Injectable } from '@nestjs/common';
import { Database, type SqlTransaction, type Statement } from '#database';
import { JOURNAL_RECORDS } from '../persistence/schema/append-journal.js';

/** One record of a terminal's electronic journal. Holds no card number, PIN or token; `data` is JSON with amounts as strings. */
export interface JournalRecord {
  readonly terminalId: string;
  readonly kind: string;
  readonly data: Readonly<Record<string, unknown>>;
}

const APPEND: Statement = { name: 'journal-append', text: `SELECT append_journal($1::jsonb)` };

/**
 * The terminals' electronic journals: append-only, each record chained to the one before by SHA-256, so that a changed or
 * missing one shows in the audit. Appending holds the row locks of the terminals until the end of the transaction.
 */
@Injectable()
export class Journal {
  constructor(private readonly database: Database) {}

  /** Within `tx` where given. */
  async append(records: readonly JournalRecord[], tx?: SqlTransaction): Promise<void> {
    if (records.length === 0) return;
    const values = [JOURNAL_RECORDS.valueOf(records)];
    if (tx === undefined) await this.database.query(APPEND, values);
    else tx.write(APPEND, values);
  }
}
