import pg from 'pg';
import { GROWTH_SQL, IN_MEMORY, REST_TRIGGERS } from './growth-sql.js';

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
  return fill(filling, report, async ([host, again, terminal], count) => {
    for (const text of [GROWTH_SQL.host.OWN_ACCOUNTS, GROWTH_SQL.host.FORGOTTEN]) await host.query(text);
    await host.query(GROWTH_SQL.host.OPENING, [count]);
    return [
      (range) => host.query(GROWTH_SQL.host.POSTED, range),
      (range) => again.query(GROWTH_SQL.host.AUTHORISED, range),
      (range) => terminal.query(GROWTH_SQL.terminal.SETTLED, range),
    ];
  });
}

/**
 * The same with withdrawals whose advice waits for a broker that is away: held there, dispensed at the terminals, in the transmission queue.
 * When the broker is back, they settle like any others.
 */
export function writeUnanswered(filling: Filling, report: Report = () => undefined): Promise<number> {
  return fill(filling, report, async ([host, , terminal], count) => {
    await host.query(GROWTH_SQL.host.HOLDS, [count]);
    return [
      (range) => host.query(GROWTH_SQL.host.HELD, range),
      (range) => terminal.query(GROWTH_SQL.terminal.DISPENSED, [...range, filling.broker]),
    ];
  });
}

/** Two sessions at the host, whose part is the larger, and one at the terminals. */
type Sessions = readonly [host: pg.Client, again: pg.Client, terminal: pg.Client];

type WriteBatch = (range: [first: number, end: number, all: number]) => Promise<unknown>;

/** Each session writes its tables batch after batch, and waits for no other. */
async function fill(
  { hostUrl, terminalUrl, broker, withdrawals }: Filling,
  report: Report,
  begin: (sessions: Sessions, count: number) => Promise<readonly WriteBatch[]>,
): Promise<number> {
  const sessions: Sessions = [await connect(hostUrl), await connect(hostUrl), await connect(terminalUrl)];
  const [host, again, terminal] = sessions;
  try {
    for (const session of [host, again]) await session.query(GROWTH_SQL.host.CUSTOMERS);
    const { rows: customers } = await host.query('SELECT * FROM customer');
    const count = roundUp(withdrawals, 8 * customers.length);
    await terminal.query(GROWTH_SQL.terminal.SESSIONS, [JSON.stringify(customers)]);
    await terminal.query(GROWTH_SQL.terminal.SESSION_ROWS, [broker]);
    await terminal.query(GROWTH_SQL.terminal.CASSETTES, [count]);
    const written = new Map((await begin(sessions, count)).map((write) => [write, 0]));
    await Promise.all(
      [...written.keys()].map(async (write) => {
        for (let first = 0; first < count; first += BATCH) {
          const end = Math.min(first + BATCH, count);
          await write([first, end, count]);
          const before = Math.min(...written.values());
          written.set(write, end);
          const complete = Math.min(...written.values());
          if (complete > before) report(`${complete} of ${count} withdrawals written`);
        }
      }),
    );
    await Promise.all([host, terminal].map((session) => session.query('VACUUM (ANALYZE)')));
    // What was written at once is not to be flushed at the cost of those who come after; years would have seen to it.
    await host.query('CHECKPOINT');
    return count;
  } finally {
    await Promise.all(sessions.map((session) => session.end()));
  }
}

async function connect(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(REST_TRIGGERS);
  await client.query(IN_MEMORY);
  return client;
}

const roundUp = (count: number, multiple: number) => Math.ceil(count / multiple) * multiple;
