import pg from 'pg';
import type { AuditBody, OperatorAccountBody } from '#contracts';
import { poolConfigOf } from '#database';
import { Operator } from '../../atm/operator.js';
import { within } from '../../within.js';
import type { Verdict } from '../linearizability/verdict.js';
import type { Operation } from '../load/operation.js';
import { checkHistories } from './check-histories.js';
import type { Target, TargetDatabase } from '../target/target.js';

/** Longer than any question of the audit takes, milliseconds. */
const QUERY_MS_MAX = 60_000;
const CLOSE_MS_MAX = 10_000;

/** A database read past every app. */
export interface ReadableDatabase {
  readonly broker: string;
  readonly rows: <Row extends object>(text: string, values?: readonly unknown[]) => Promise<Row[]>;
}

/** A line on a customer's account that was posted during the run. Amounts are minor units; credit is positive. */
export interface Posting {
  readonly accountId: string;
  readonly rrn: string | null;
  readonly kind: string;
  readonly amount: bigint;
}

/** How the books stood before the run. */
export interface Baseline {
  /** Sum of its lines, by account, minor units. */
  readonly balances: ReadonlyMap<string, bigint>;
  /** The terminals' database clock. */
  readonly at: Date;
  /** Last line of each account database. */
  readonly lastLines: ReadonlyMap<string, string>;
}

/** Everything that the verdict is made from. Nothing in it was computed by the bank, but for what is named `told`. */
export interface Evidence {
  readonly operations: readonly Operation[];
  /** Accounts that the customers used. */
  readonly accounts: readonly string[];
  /** Broker whose database has the account. */
  readonly brokerOf: (accountId: string) => string;
  readonly baseline: Baseline;
  readonly postings: readonly Posting[];
  readonly databases: { readonly terminal: ReadableDatabase; readonly accounts: readonly ReadableDatabase[] };
  /** What the bank says of itself over HTTP. */
  readonly told: {
    readonly audit: AuditBody;
    readonly accounts: ReadonlyMap<string, OperatorAccountBody>;
  };
  /** By account: whether one order of operations explains what the clients saw. */
  readonly histories: readonly Verdict[];
}

/** Looks into a bank's databases and asks its operator interface, for a verdict that does not trust what it does. */
export class Witness {
  private readonly operator = new Operator(() => this.target.gatewayUrls);
  private readonly pools: pg.Pool[] = [];

  private constructor(
    private readonly target: Target,
    private readonly found: { terminal: TargetDatabase; accounts: readonly TargetDatabase[] },
  ) {}

  static async of(target: Target): Promise<Witness> {
    return new Witness(target, await target.databases());
  }

  readonly databases = {
    terminal: this.open(this.found.terminal),
    accounts: this.found.accounts.map((database) => this.open(database)),
  };

  /** To be taken while nothing happens. */
  async baseline(): Promise<Baseline> {
    const balances = new Map<string, bigint>();
    const lastLines = new Map<string, string>();
    for (const { broker, rows } of this.databases.accounts) {
      const sums = await rows<{ id: string; sum: string }>(
        `SELECT ledger_account_id AS id, sum(amount)::text AS sum FROM ledger_line WHERE balance_after IS NOT NULL GROUP BY 1`,
      );
      for (const { id, sum } of sums) balances.set(id, BigInt(sum));
      const [last] = await rows<{ last: string }>(`SELECT coalesce(max(posted_no), 0)::text AS last FROM ledger_line`);
      lastLines.set(broker, last?.last ?? '0');
    }
    const [clock] = await this.databases.terminal.rows<{ now: Date }>('SELECT now()');
    return { balances, lastLines, at: clock?.now ?? new Date(0) };
  }

  /** To be taken when nothing is on its way any more. */
  async evidence(operations: readonly Operation[], accounts: readonly string[], baseline: Baseline): Promise<Evidence> {
    const told = new Map<string, OperatorAccountBody>();
    for (const accountId of accounts) told.set(accountId, await this.operator.account(accountId));
    const postings = await Promise.all(
      this.databases.accounts.map((database) => postingsOf(database, baseline.lastLines.get(database.broker) ?? '0')),
    );
    const brokerOf = (accountId: string) => told.get(accountId)?.broker ?? '';
    return {
      ...{ operations, accounts, brokerOf, baseline, databases: this.databases },
      histories: checkHistories({ operations, baseline, brokerOf }),
      postings: postings.flat(),
      told: { audit: await this.operator.audit(), accounts: told },
    };
  }

  /** How much is still on its way: withdrawals without an end, messages without an answer. */
  async underWay(): Promise<number> {
    const queues = [this.databases.terminal, ...this.databases.accounts].map(({ rows }) =>
      rows<{ count: number }>('SELECT count(*)::integer AS count FROM messaging.transmission_queue'),
    );
    const withdrawals = this.databases.terminal.rows<{ count: number }>(
      `SELECT count(*)::integer AS count FROM withdrawal
        WHERE state IN ('authorising', 'dispensing', 'dispensed', 'reversing') OR state = 'suspense' AND settled_at IS NULL`,
    );
    const counts = await Promise.all([...queues, withdrawals]);
    return counts.flat().reduce((sum, { count }) => sum + count, 0);
  }

  async close(): Promise<void> {
    await within('the audit’s connections close', CLOSE_MS_MAX, Promise.all(this.pools.map((pool) => pool.end())));
  }

  private open({ broker, url }: TargetDatabase): ReadableDatabase {
    const pool = new pg.Pool({ ...poolConfigOf(url), max: 2, query_timeout: QUERY_MS_MAX });
    pool.on('error', () => undefined);
    this.pools.push(pool);
    return {
      broker,
      rows: async <Row extends object>(text: string, values: readonly unknown[] = []) =>
        (await pool.query<Row>(text, [...values])).rows,
    };
  }
}

async function postingsOf({ rows }: ReadableDatabase, after: string): Promise<Posting[]> {
  const found = await rows<{ account: string; rrn: string | null; kind: string; amount: string }>(
    `SELECT ledger_account_id AS account, rrn, kind, amount::text AS amount
       FROM ledger_line JOIN ledger_entry USING (entry_id)
      WHERE balance_after IS NOT NULL AND posted_no > $1::bigint ORDER BY posted_no`,
    [after],
  );
  return found.map(({ account, rrn, kind, amount }) => ({ accountId: account, rrn, kind, amount: BigInt(amount) }));
}
