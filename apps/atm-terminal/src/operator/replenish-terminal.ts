import { Injectable } from '@nestjs/common';
import { randomUUID } from 'node:crypto';
import type { Replenish } from '#contracts';
import { Database, type SqlTransaction, type Statement } from '#database';
import type { Notes } from '#money';
import { Problem } from '#platform';
import { merged } from '../cassette/notes.js';
import type { Answer } from '../idempotency/answer.js';
import { Idempotency } from '../idempotency/idempotency.js';
import type { RequestKey } from '../http/caller.js';
import { KeyedHash } from '../identity/keyed-hash.js';
import { Journal } from '../journal/journal.js';
import { TerminalView } from './terminal-view.js';

const LOCK: Statement = {
  name: 'replenish-lock',
  text: `SELECT terminal_id FROM terminal WHERE terminal_id = $1 FOR NO KEY UPDATE`,
};

/** A statement of its own, so that it sees what the last holder of the lock has committed. */
const ROOM: Statement = {
  name: 'replenish-room',
  text: `SELECT denomination, capacity - remaining AS room FROM cassette WHERE terminal_id = $1`,
};

const RECORD: Statement = {
  name: 'replenish-record',
  text: `INSERT INTO replenishment (replenishment_id, terminal_id, notes) VALUES ($1, $2, $3::jsonb)`,
};

const FILL: Statement = {
  name: 'replenish-fill',
  text: `UPDATE cassette c SET loaded = c.loaded + g.count, remaining = c.remaining + g.count
           FROM jsonb_to_recordset($2::jsonb) AS g (denomination integer, count integer)
          WHERE c.terminal_id = $1 AND c.denomination = g.denomination`,
};

const DONE: Statement = {
  name: 'replenish-done',
  text: `SELECT replenishment_id FROM replenishment WHERE replenishment_id = $1`,
};

/** Loads notes into the cassettes of a terminal, once per request. */
@Injectable()
export class ReplenishTerminal {
  constructor(
    private readonly database: Database,
    private readonly journal: Journal,
    private readonly view: TerminalView,
    private readonly idempotency: Idempotency,
    private readonly hash: KeyedHash,
  ) {}

  /** Without notes up to the capacity. Throws 404, 422 `invalid-amount` for what does not fit, 422 `key-reused`. */
  async replenish(
    terminalId: string,
    key: RequestKey | null,
    { notes }: Replenish,
  ): Promise<{ answer: Answer; replayed: boolean }> {
    const scope = `replenish ${terminalId}`;
    const id = key === null ? randomUUID() : this.hash.id(scope, key.value);
    const fingerprint = this.hash.digest('fingerprint', JSON.stringify(notes ?? null)).toString('base64url');
    return this.idempotency.once({ scope, key, fingerprint }, async () => {
      await this.database.transaction((tx) => this.load(tx, id, terminalId, notes));
      return { status: 200, body: await this.view.read(terminalId) };
    });
  }

  private async load(
    tx: SqlTransaction,
    id: string,
    terminalId: string,
    given: readonly Notes[] | undefined,
  ): Promise<void> {
    const [terminal] = await tx.query(LOCK, [terminalId]);
    if (terminal === undefined) throw new Problem('not-found', 'There is no such terminal.');
    if ((await tx.query(DONE, [id])).length > 0) return;
    const room = await tx.query<{ denomination: number; room: number }>(ROOM, [terminalId]);
    const notes = given === undefined ? filling(room) : fitting(merged(given), room);
    await tx.query(RECORD, [id, terminalId, JSON.stringify(notes)]);
    await tx.query(FILL, [terminalId, JSON.stringify(notes)]);
    await this.journal.append([{ terminalId, kind: 'replenished', data: { replenishmentId: id, notes } }], tx);
  }
}

type Room = readonly { readonly denomination: number; readonly room: number }[];

function filling(cassettes: Room): Notes[] {
  return cassettes.map(({ denomination, room }) => ({ denomination, count: room })).filter(({ count }) => count > 0);
}

function fitting(notes: readonly Notes[], cassettes: Room): readonly Notes[] {
  for (const { denomination, count } of notes) {
    const room = cassettes.find((cassette) => cassette.denomination === denomination)?.room;
    if (room === undefined) throw new Problem('invalid-amount', `There is no cassette for notes of ${denomination}.`);
    if (count > room) {
      throw new Problem('invalid-amount', `The cassette for notes of ${denomination} has room for ${room} more.`);
    }
  }
  return notes;
}
