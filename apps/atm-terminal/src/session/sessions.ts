import { Inject, Injectable } from '@nestjs/common';
import { Database, GroupCommit, REQUEST_GROUPS, RowSet, type SqlTransaction, type Statement } from '#database';
import type { Balances } from '#contracts';
import { CachedBalances } from '../balance/cached-balances.js';
import { CONFIG, type Config } from '../config.js';
import { Journal, type JournalRecord } from '../journal/journal.js';
import { noteBounded } from './note-bounded.js';
import type { Session } from './session.js';

/** A verified card, as the host has answered. */
export interface NewSession {
  readonly sessionId: string;
  readonly terminalId: string;
  readonly cardToken: string;
  readonly maskedNumber: string;
  readonly broker: string;
  readonly balances: Balances;
}

interface Row extends Record<string, unknown> {
  readonly session_id: string;
  readonly terminal_id: string;
  readonly card_token: string;
  readonly masked_number: string;
  readonly account_id: string;
  readonly broker: string;
  readonly currency: string;
  readonly created_at: Date;
  readonly expires_at: Date;
  readonly ended_at: Date | null;
  readonly ended_by: string | null;
  readonly expired: boolean;
}

const COLUMNS = `session_id, terminal_id, card_token, masked_number, account_id, broker, currency, created_at, expires_at, ended_at,
  ended_by, expires_at <= now() AS expired`;

const SESSIONS_NEW = new RowSet({
  ...{ sessionId: 'uuid', terminalId: 'text', cardToken: 'text', maskedNumber: 'text' },
  ...{ accountId: 'text', broker: 'text', currency: 'text' },
});

/** Answers what it created only. $2: minutes that a session lasts. */
const OPEN: Statement = {
  name: 'session-open',
  text: `INSERT INTO session (session_id, terminal_id, card_token, masked_number, account_id, broker, currency, expires_at)
         SELECT g.*, date_trunc('milliseconds', now()) + make_interval(mins => $2)
           FROM ${SESSIONS_NEW.from('$1')} AS g
          ORDER BY g."sessionId"
         ON CONFLICT DO NOTHING
         RETURNING ${COLUMNS}`,
};

const READ: Statement = {
  name: 'session-read',
  text: `SELECT ${COLUMNS} FROM session WHERE session_id = ANY($1::uuid[])`,
};

const END: Statement = {
  name: 'session-end',
  text: `UPDATE session SET ended_at = now(), ended_by = $2 WHERE session_id = $1 AND ended_at IS NULL RETURNING ${COLUMNS}`,
};

/** Sessions that a process keeps in mind at most; the one that was noted first goes first. */
const SEEN_MAX = 10_000;

/** The sessions of the terminal database. Calls that arrive together share a transaction. */
@Injectable()
export class Sessions {
  private readonly openings: GroupCommit<NewSession, Session>;
  private readonly reads: GroupCommit<string, Session | null>;
  private readonly seen = new Map<string, Session>();

  constructor(
    private readonly database: Database,
    private readonly journal: Journal,
    private readonly balances: CachedBalances,
    @Inject(CONFIG) private readonly config: Pick<Config, 'SESSION_MINUTES'>,
  ) {
    this.openings = new GroupCommit({ run: (items) => this.openAll(items), ...REQUEST_GROUPS });
    this.reads = new GroupCommit({ run: (ids) => this.readAll(ids), ...REQUEST_GROUPS });
  }

  /** Opens the session, or finds the one that has this id already. */
  open(session: NewSession): Promise<Session> {
    return this.openings.submit(session);
  }

  /** Also one that has ended or expired. */
  find(sessionId: string): Promise<Session | null> {
    return this.reads.submit(sessionId);
  }

  /**
   * As it was when this process first saw it: where it is, whose and how long it lasts never change, but it may have ended since. Only for what
   * the database refuses to do for a session that has ended.
   */
  async asSeen(sessionId: string): Promise<Session | null> {
    return this.seen.get(sessionId) ?? this.find(sessionId);
  }

  /** Ends it for the request `endedBy`; answers who ended it, which may be another request. */
  async end(session: Session, endedBy: string): Promise<string | null> {
    const { sessionId, terminalId } = session;
    const ended = await this.database.transaction(async (tx) => {
      const rows = await tx.query<Row>(END, [sessionId, endedBy]);
      await this.journal.append(
        rows.map(() => ({ terminalId, kind: 'session-closed', data: { sessionId } })),
        tx,
      );
      return rows[0];
    });
    return ended?.ended_by ?? (await this.find(sessionId))?.endedBy ?? null;
  }

  private openAll(items: NewSession[]): Promise<Session[]> {
    return this.database.transaction(async (tx) => {
      const opened = await tx.query<Row>(OPEN, [SESSIONS_NEW.valueOf(items.map(asRow)), this.config.SESSION_MINUTES]);
      const known = byId(opened);
      const earlier = items.map(({ sessionId }) => sessionId).filter((id) => !known.has(id));
      if (earlier.length > 0) byId(await tx.query<Row>(READ, [earlier])).forEach((one, id) => known.set(id, one));
      await this.remember(tx, opened, items);
      return items.map(({ sessionId }) => required(known.get(sessionId)));
    });
  }

  /** Journal before balances: terminals are locked first everywhere. */
  private async remember(tx: SqlTransaction, opened: readonly Row[], items: readonly NewSession[]): Promise<void> {
    await this.journal.append(opened.map(openingRecord), tx);
    await this.balances.put(
      items.map(({ balances }) => balances),
      tx,
    );
  }

  private async readAll(ids: string[]): Promise<(Session | null)[]> {
    const known = byId(await this.database.query<Row>(READ, [ids]));
    for (const session of known.values()) this.note(session);
    return ids.map((id) => known.get(id) ?? null);
  }

  private note(session: Session): void {
    if (session.endedAt !== null || session.expired) return;
    noteBounded(this.seen, session.sessionId, session, SEEN_MAX);
  }
}

function asRow({ sessionId, terminalId, cardToken, maskedNumber, broker, balances }: NewSession) {
  return {
    ...{ sessionId, terminalId, cardToken, maskedNumber, broker },
    ...{ accountId: balances.accountId, currency: balances.currency },
  };
}

function openingRecord({ terminal_id, session_id, masked_number }: Row): JournalRecord {
  const data = { sessionId: session_id, maskedNumber: masked_number };
  return { terminalId: terminal_id, kind: 'session-opened', data };
}

const byId = (rows: readonly Row[]) => new Map(rows.map((row) => [row.session_id, fromRow(row)]));

function fromRow(row: Row): Session {
  return {
    sessionId: row.session_id,
    terminalId: row.terminal_id,
    cardToken: row.card_token,
    maskedNumber: row.masked_number,
    accountId: row.account_id,
    broker: row.broker,
    currency: row.currency,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    endedAt: row.ended_at,
    endedBy: row.ended_by,
    expired: row.expired,
  };
}

function required(session: Session | undefined): Session {
  if (session === undefined) throw new Error('a session is gone that must be there');
  return session;
}
