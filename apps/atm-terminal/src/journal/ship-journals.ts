import { Inject, Injectable } from '@nestjs/common';
import { randomUUIDv7 } from 'node:crypto';
import { MESSAGE, SERVICE, type JournalRecordBody, type JournalRecords } from '#contracts';
import { Database, type SqlTransaction } from '#database';
import { Dialogs, type JsonValue } from '#messaging';
import { CONFIG, type Config } from '../config.js';
import {
  FORGET_DIALOGS,
  KEEP_DIALOGS,
  LOCK_CURSOR,
  LOCK_DIALOGS,
  LOOK_AT_DIALOGS,
  LOOK_LATER,
  MOVE_CURSOR,
  READ_RECORDS,
} from './shipping-statements.js';

/** Of one terminal in one transaction. */
const RECORDS_MAX = 200;
const DIALOGS_MAX = 200;

interface CursorRow extends Record<string, unknown> {
  readonly terminal_id: string;
  /** bigint, as the driver delivers it. */
  readonly shipped_seq: string;
}

interface RecordRow extends Record<string, unknown> {
  readonly seq: string;
  readonly at: string;
  readonly kind: string;
  readonly data: Readonly<Record<string, JsonValue>>;
  readonly previous_hash: string;
  readonly hash: string;
}

interface DialogRow extends Record<string, unknown> {
  readonly session_id: string;
  readonly dialog_id: string;
}

/**
 * Hands the terminals' journals to the archive: reads what is committed, in transactions of its own, so that no withdrawal waits for it.
 * Each session is one dialog; what a session has recorded since the last time is one message. Any replica may do it: a terminal's
 * cursor is locked while its records are shipped, and moves with them.
 */
@Injectable()
export class ShipJournals {
  constructor(
    private readonly database: Database,
    private readonly dialogs: Dialogs,
    @Inject(CONFIG) private readonly config: Pick<Config, 'JOURNAL_END_AFTER_MS'>,
  ) {}

  /** Ships records of the terminal that lies furthest behind; answers how many, 0 where none is left for this replica. */
  shipSome(): Promise<number> {
    return this.database.transaction(async (tx) => {
      const [cursor] = await tx.query<CursorRow>(LOCK_CURSOR);
      if (cursor === undefined) return 0;
      const { terminal_id: terminalId, shipped_seq: shipped } = cursor;
      const rows = await tx.query<RecordRow>(READ_RECORDS, [terminalId, shipped, RECORDS_MAX]);
      const last = rows.at(-1);
      if (last === undefined) return 0;
      await this.send(tx, terminalId, bySession(rows));
      await tx.query(MOVE_CURSOR, [terminalId, last.seq]);
      return rows.length;
    });
  }

  /** Ends dialogs of sessions that are over; answers how many dialogs it has looked at. */
  endSome(): Promise<number> {
    return this.database.transaction(async (tx) => {
      const grace = this.config.JOURNAL_END_AFTER_MS;
      const due = await tx.query<DialogRow & { readonly over: boolean }>(LOOK_AT_DIALOGS, [grace, DIALOGS_MAX]);
      const over = due.filter((dialog) => dialog.over);
      for (const { dialog_id: dialogId } of over) await this.dialogs.end(tx, dialogId);
      const lasting = due.filter((dialog) => !dialog.over);
      if (over.length > 0) await tx.query(FORGET_DIALOGS, [over.map(({ session_id: id }) => id)]);
      if (lasting.length > 0) await tx.query(LOOK_LATER, [lasting.map(({ session_id: id }) => id), grace]);
      return due.length;
    });
  }

  private async send(tx: SqlTransaction, terminalId: string, sessions: ReadonlyMap<string, JournalRecordBody[]>) {
    const dialogs = await this.dialogsOf(tx, [...sessions.keys()]);
    for (const [sessionId, records] of sessions) {
      const body: JournalRecords = { sessionId, terminalId, records };
      await this.dialogs.send(tx, dialogs.get(sessionId) ?? '', { type: MESSAGE.journalRecords, version: 1, body });
    }
  }

  /** A record that comes after its session's dialog has ended begins another one, which by its group goes to the same broker. */
  private async dialogsOf(tx: SqlTransaction, sessionIds: readonly string[]): Promise<ReadonlyMap<string, string>> {
    const open = await tx.query<DialogRow>(LOCK_DIALOGS, [sessionIds]);
    const dialogs = new Map(open.map((row) => [row.session_id, row.dialog_id]));
    const begun = sessionIds
      .filter((id) => !dialogs.has(id))
      .map((sessionId) => ({ sessionId, dialogId: randomUUIDv7() }));
    for (const { sessionId, dialogId } of begun) {
      const between = { fromService: SERVICE.atm, toService: SERVICE.journal };
      await this.dialogs.begin(tx, { dialogId, ...between, conversationGroup: sessionId });
      dialogs.set(sessionId, dialogId);
    }
    if (begun.length > 0) {
      const ids = [begun.map(({ sessionId }) => sessionId), begun.map(({ dialogId }) => dialogId)];
      await tx.query(KEEP_DIALOGS, [...ids, this.config.JOURNAL_END_AFTER_MS]);
    }
    return dialogs;
  }
}

/** Records that belong to no session (a replenishment) stay with the terminal. */
function bySession(rows: readonly RecordRow[]): Map<string, JournalRecordBody[]> {
  const sessions = new Map<string, JournalRecordBody[]>();
  for (const { seq, at, kind, data, previous_hash: previousHash, hash } of rows) {
    const { sessionId } = data;
    if (typeof sessionId !== 'string') continue;
    const records = sessions.get(sessionId) ?? [];
    records.push({ seq: Number(seq), at, kind, data: data as JournalRecordBody['data'], previousHash, hash });
    sessions.set(sessionId, records);
  }
  return sessions;
}
