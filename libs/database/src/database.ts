import type { Pool, QueryResultRow } from 'pg';
import { hearWarning, release, run } from './connection.js';
import { DatabaseUnavailable, isConnectionFault, isReadOnlyFault, isRetryable, OutcomeUnknown } from './faults.js';
import { Listener } from './listener.js';
import { OpenTransaction } from './open-transaction.js';
import { primaryOf } from './servers/pool-config.js';
import type { Primary, ServerStatus } from './servers/primary.js';

/**
 * One SQL statement; the name makes PostgreSQL parse and plan it once per connection. Names are unique per text. A text that begins
 * with SELECT changes nothing, unless inside a transaction.
 */
export interface Statement {
  readonly name: string;
  readonly text: string;
}

/** What work inside a transaction may use. All statements run on one connection, in the order of the calls. */
export interface SqlTransaction {
  query<Row extends QueryResultRow = QueryResultRow>(statement: Statement, values?: readonly unknown[]): Promise<Row[]>;
  /**
   * A statement whose answer nobody needs. It leaves with the next `query` or with COMMIT, in their round trip; where it fails, so do they, and
   * with them the transaction.
   */
  write(statement: Statement, values?: readonly unknown[]): void;
  /** Runs `task` once the transaction has committed; never if it rolled back. Tasks must not throw. */
  afterCommit(task: () => void): void;
}

/** Runs `work` in one transaction: committed when it resolves, rolled back when it rejects. */
export interface TransactionRunner {
  transaction<T>(work: (tx: SqlTransaction) => Promise<T>): Promise<T>;
}

/** How a database stands as one process sees it. */
export interface DatabaseStatus {
  readonly name: string;
  /** `primary` or `standby`, of the server that this process works with; `unknown` where it has none. */
  readonly role: string;
  readonly state: 'up' | 'down';
  /** All servers, where it is mirrored. */
  readonly servers: readonly ServerStatus[];
}

/** How often a transaction that PostgreSQL rolled back for its neighbours' sake is run again before the caller hears of it. */
const ATTEMPTS_MAX = 5;

/**
 * How long work waits for a database that is away (restart, failover) before the caller hears of it, milliseconds. Below the time
 * after which the gateway turns to another replica, which repeats the call for as long as a failover takes.
 */
const PATIENCE_MS = 3_000;

/** Between two attempts to reach it, milliseconds. */
const PAUSE_MS = 50;

const IDENTITY = `
  SELECT current_database() AS name, CASE WHEN pg_is_in_recovery() THEN 'standby' ELSE 'primary' END AS role`;

const ignore = () => undefined;

/**
 * Prepared statements and transactions (READ COMMITTED; rows are locked explicitly) on a node-postgres pool, whose connections must take
 * statements without waiting for the answers to those before (`pipeline: true`).
 */
export class Database implements TransactionRunner {
  /**
   * A connection that breaks fails the statement under way, and the pool replaces it. Told to nobody as an event as well, it
   * would end the process; the listener is there from the first moment, since a connection may break as it is handed over.
   */
  constructor(private readonly pool: Pool) {
    pool.on('error', ignore);
    pool.on('acquire', (client) => {
      if (client.listenerCount('error', ignore) === 0) client.on('error', ignore);
    });
  }

  /** Whom its connections follow; null where there is one server only. */
  get primary(): Primary | null {
    return primaryOf(this.pool);
  }

  /**
   * One statement in a transaction of its own. Waits for a database that is away. Throws `DatabaseUnavailable` (it was not run), or
   * `OutcomeUnknown` where the answer was lost and it is no SELECT, which would simply be asked again.
   */
  query<Row extends QueryResultRow = QueryResultRow>(
    statement: Statement,
    values: readonly unknown[] = [],
  ): Promise<Row[]> {
    const mayRepeat = /^\s*SELECT\b/i.test(statement.text);
    return patiently(async () => {
      const client = await this.pool.connect();
      const warning = hearWarning(client);
      let rows: Row[];
      try {
        rows = await run<Row>(client, statement, values);
      } catch (error) {
        release(client, error);
        throw isConnectionFault(error) && !mayRepeat ? new OutcomeUnknown(error) : error;
      } finally {
        warning.stop();
      }
      client.release();
      if (warning.heard !== null && !mayRepeat) throw new OutcomeUnknown(warning.heard);
      return rows;
    });
  }

  /**
   * Calls `heard` after every NOTIFY on `channel`, and whenever one may have been missed. On a connection beside the pool;
   * the result ends it.
   */
  listen(channel: string, heard: () => void): () => Promise<void> {
    const listener = new Listener(this.pool.options, channel, heard);
    return () => listener.close();
  }

  /**
   * Runs `work` again where PostgreSQL rolled it back for its neighbours' sake, and where the database went away before COMMIT was sent.
   * Throws `DatabaseUnavailable` (nothing was done), or `OutcomeUnknown` where the answer to COMMIT was lost.
   */
  async transaction<T>(work: (tx: SqlTransaction) => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await patiently(() => this.runOnce(work));
      } catch (error) {
        if (attempt === ATTEMPTS_MAX || !isRetryable(error)) throw error;
      }
    }
  }

  /** How it stands now. Never rejects, and waits at most `timeoutMs` for an answer. */
  async status(timeoutMs: number): Promise<DatabaseStatus> {
    const servers = this.primary?.servers ?? [];
    try {
      return { ...(await this.identity(timeoutMs)), state: 'up', servers };
    } catch {
      return { name: this.pool.options.database ?? '', role: 'unknown', state: 'down', servers };
    }
  }

  /** Resolves where it answers now. Rejects at the latest after `timeoutMs`, unlike what waits for a database that is away. */
  async probe(timeoutMs: number): Promise<void> {
    await this.identity(timeoutMs);
  }

  private async identity(timeoutMs: number): Promise<{ readonly name: string; readonly role: string }> {
    const asked = this.pool.query<{ name: string; role: string }>(IDENTITY);
    asked.catch(ignore);
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`the database does not answer within ${timeoutMs} ms`)), timeoutMs);
    });
    try {
      const [row] = (await Promise.race([asked, late])).rows;
      if (row === undefined) throw new Error('the database does not say its name');
      return row;
    } finally {
      clearTimeout(timer);
    }
  }

  private async runOnce<T>(work: (tx: SqlTransaction) => Promise<T>): Promise<T> {
    const transaction = new OpenTransaction(await this.pool.connect());
    let result: T;
    try {
      result = await work(transaction);
    } catch (error) {
      await transaction.rollBack(error);
      throw error;
    }
    await transaction.commit();
    return result;
  }
}

/** Runs `step` again while the database is away. What it throws then is known to have left no trace, unless it is `OutcomeUnknown`. */
async function patiently<T>(step: () => Promise<T>): Promise<T> {
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    try {
      return await step();
    } catch (error) {
      if (error instanceof OutcomeUnknown || error instanceof DatabaseUnavailable) throw error;
      if (!isConnectionFault(error) && !isReadOnlyFault(error)) throw error;
      if (Date.now() > deadline) throw new DatabaseUnavailable(error);
    }
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
}
