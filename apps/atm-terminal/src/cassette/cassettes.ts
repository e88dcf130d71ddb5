import { Injectable } from '@nestjs/common';
import { Database, GroupCommit, REQUEST_GROUPS, type SqlTransaction, type Statement } from '#database';
import type { Notes } from '#money';

const READ: Statement = {
  name: 'cassette-read',
  text: `SELECT terminal_id, denomination, remaining FROM cassette WHERE terminal_id = ANY($1::text[])`,
};

interface Row extends Record<string, unknown> {
  readonly terminal_id: string;
  readonly denomination: number;
  readonly remaining: number;
}

/** How old a look at the cassettes may be to decide by, milliseconds; what it promises is checked when it is stored. */
const RECENT_MS = 1_000;

/** What the cassettes have. Changed only under the row lock of the terminal, by the transactions that say why. */
@Injectable()
export class Cassettes {
  private readonly reads: GroupCommit<string, Notes[]>;
  private readonly seen = new Map<string, { readonly notes: Notes[]; readonly at: number }>();

  constructor(private readonly database: Database) {
    this.reads = new GroupCommit({
      run: async (terminalIds) => {
        const notes = byTerminal(await this.database.query<Row>(READ, [[...new Set(terminalIds)]]));
        return terminalIds.map((terminalId) => notes.get(terminalId) ?? []);
      },
      ...REQUEST_GROUPS,
    });
  }

  /** As it is at the moment, without a lock: good enough to refuse what cannot be, not to promise what can. */
  async of(terminalId: string): Promise<Notes[]> {
    const notes = await this.reads.submit(terminalId);
    this.seen.set(terminalId, { notes, at: performance.now() });
    return notes;
  }

  /** As it was at most a second ago: good enough to try what is checked when it is stored. One entry per terminal is kept. */
  async recent(terminalId: string): Promise<Notes[]> {
    const last = this.seen.get(terminalId);
    return last !== undefined && performance.now() - last.at < RECENT_MS ? last.notes : this.of(terminalId);
  }

  /** Under the terminals' locks, which must be held: a statement of its own, so that it sees what the last holder has committed. */
  async locked(tx: SqlTransaction, terminalIds: readonly string[]): Promise<Map<string, Notes[]>> {
    return terminalIds.length === 0 ? new Map() : byTerminal(await tx.query<Row>(READ, [[...new Set(terminalIds)]]));
  }
}

function byTerminal(rows: readonly Row[]): Map<string, Notes[]> {
  const notes = new Map<string, Notes[]>();
  for (const { terminal_id, denomination, remaining } of rows) {
    notes.set(terminal_id, [...(notes.get(terminal_id) ?? []), { denomination, count: remaining }]);
  }
  return notes;
}
