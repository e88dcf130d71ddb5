import { Injectable } from '@nestjs/common';
import type { TerminalBody, TerminalRegistry } from '#contracts';
import { Database, type Statement } from '#database';
import { Problem } from '#platform';

const REGISTRY: Statement = {
  name: 'terminal-registry',
  text: `SELECT terminal_id AS "terminalId", key_hash AS "keyHash" FROM terminal ORDER BY terminal_id`,
};

const READ: Statement = {
  name: 'terminal-read',
  text: `SELECT t.terminal_id, t.business_date::text AS business_date, t.currency,
                coalesce((SELECT jsonb_agg(jsonb_build_object('denomination', denomination, 'capacity', capacity,
                                                              'loaded', loaded, 'remaining', remaining) ORDER BY denomination)
                            FROM cassette c WHERE c.terminal_id = t.terminal_id), '[]') AS cassettes,
                t.taken::text, t.rejected::text, t.retracted::text, t.suspense::text, t.deposited::text,
                (SELECT count(*)::integer FROM suspense_case s
                  WHERE s.terminal_id = t.terminal_id AND s.closed_at IS NULL) AS open_cases
           FROM terminal t
          WHERE t.terminal_id = $1`,
};

interface Row extends Record<string, unknown> {
  readonly terminal_id: string;
  readonly business_date: string;
  readonly currency: string;
  readonly cassettes: TerminalBody['cassettes'];
  readonly taken: string;
  readonly rejected: string;
  readonly retracted: string;
  readonly suspense: string;
  readonly deposited: string;
  readonly open_cases: number;
}

/** What operators and gateways may know of terminals. */
@Injectable()
export class TerminalView {
  constructor(private readonly database: Database) {}

  /** Every terminal with the hash of its key. */
  registry(): Promise<TerminalRegistry> {
    return this.database.query<TerminalRegistry[number]>(REGISTRY);
  }

  /** Throws 404. */
  async read(terminalId: string): Promise<TerminalBody> {
    const [row] = await this.database.query<Row>(READ, [terminalId]);
    if (row === undefined) throw new Problem('not-found', 'There is no such terminal.');
    const { cassettes } = row;
    const worth = (count: (cassette: TerminalBody['cassettes'][number]) => number) =>
      cassettes.reduce((sum, cassette) => sum + cassette.denomination * count(cassette), 0);
    return {
      terminalId: row.terminal_id,
      businessDate: row.business_date,
      currency: row.currency,
      cassettes: cassettes.map(({ denomination, capacity, loaded, remaining }) => ({
        denomination,
        capacity,
        loaded,
        remaining,
      })),
      totals: {
        loaded: worth(({ loaded }) => loaded),
        remaining: worth(({ remaining }) => remaining),
        taken: Number(row.taken),
        rejected: Number(row.rejected),
        retracted: Number(row.retracted),
        suspense: Number(row.suspense),
        deposited: Number(row.deposited),
      },
      openCases: row.open_cases,
    };
  }
}
