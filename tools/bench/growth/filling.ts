import pg from 'pg';
import { GROWTH_SQL, REST_TRIGGERS } from './growth-sql.js';

/** Withdrawals written in one transaction. */
const BATCH = 100_000;

export interface Filling {
  /** Connection strings of an account broker's database and of the terminals'. */
  readonly hostUrl: string;
  readonly terminalUrl: string;
  readonly broker: string;
  readonly withdrawals: number;
}

type Report = (line: string) => void;

/**
 * Gives a demo bank that stands still a past of settled withdrawals, each with a ledger entry of two lines. Answers how many were written: as
 * many as asked for, rounded up so that every customer and terminal has the same number. Balances are what they were, and the audit stays green.
 */
export function writePast(filling: Filling, report: Report = () => undefined): Promise<number> {
  return fill(filling, report, async (host, terminal, count) => {
    for (const text of [GROWTH_SQL.host.OWN_ACCOUNTS, GROWTH_SQL.host.FORGOTTEN]) await host.query(text);
    await host.query(GROWTH_SQL.host.OPENING, [count]);
    return async (range) => {
      await Promise.all([
        host.query(GROWTH_SQL.host.POSTED, range),
        terminal.query(GROWTH_SQL.terminal.SETTLED, range),
      ]);
    };
  });
}

/**
 * The same with withdrawals whose advice waits for a broker that is away: held there, dispensed at the terminals, in the transmission queue.
 * When the broker is back, they settle like any others.
 */
export function writeUnanswered(filling: Filling, report: Report = () => undefined): Promise<number> {
  return fill(filling, report, async (host, terminal, count) => {
    await host.query(GROWTH_SQL.host.HOLDS, [count]);
    return async (range) => {
      await Promise.all([
        host.query(GROWTH_SQL.host.HELD, range),
        terminal.query(GROWTH_SQL.terminal.DISPENSED, [...range, filling.broker]),
      ]);
    };
  });
}

type WriteBatch = (range: [first: number, end: number, all: number]) => Promise<void>;

async function fill(
  { hostUrl, terminalUrl, broker, withdrawals }: Filling,
  report: Report,
  begin: (host: pg.Client, terminal: pg.Client, count: number) => Promise<WriteBatch>,
): Promise<number> {
  const host = await connect(hostUrl);
  const terminal = await connect(terminalUrl);
  try {
    await host.query(GROWTH_SQL.host.CUSTOMERS);
    const { rows: customers } = await host.query('SELECT * FROM customer');
    const count = roundUp(withdrawals, 8 * customers.length);
    await terminal.query(GROWTH_SQL.terminal.SESSIONS, [JSON.stringify(customers)]);
    await terminal.query(GROWTH_SQL.terminal.SESSION_ROWS, [broker]);
    await terminal.query(GROWTH_SQL.terminal.CASSETTES, [count]);
    const write = await begin(host, terminal, count);
    for (let first = 0; first < count; first += BATCH) {
      const end = Math.min(first + BATCH, count);
      await write([first, end, count]);
      report(`${end} of ${count} withdrawals written`);
    }
    await Promise.all([host, terminal].map((client) => client.query('VACUUM (ANALYZE)')));
    return count;
  } finally {
    await Promise.all([host.end(), terminal.end()]);
  }
}

async function connect(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(REST_TRIGGERS);
  return client;
}

const roundUp = (count: number, multiple: number) => Math.ceil(count / multiple) * multiple;
