import type { Pool, PoolClient, QueryResultRow } from 'pg';
import { Listener } from './listener.js';
import { isRetryable } from './retryable.js';

/** One SQL statement; the name makes PostgreSQL parse and plan it once per connection. Names are unique per text. */
export interface Statement {
  readonly name: string;
  readonly text: string;
}

/** What work inside a transaction may use. All statements run on one connection, in the order of the calls. */
export interface SqlTransaction {
  query<Row extends QueryResultRow = QueryResultRow>(statement: Statement, values?: readonly unknown[]): Promise<Row[]>;
  /** Runs `task` once the transaction has committed; never if it rolled back. Tasks must not throw. */
  afterCommit(task: () => void): void;
}

/** Runs `work` in one transaction: committed when it resolves, rolled back when it rejects. */
export interface TransactionRunner {
  transaction<T>(work: (tx: SqlTransaction) => Promise<T>): Promise<T>;
}

/** How often a transaction that PostgreSQL rolled back for its neighbours' sake is run again before the caller hears of it. */
const ATTEMPTS_MAX = 5;

const ignore = () => undefined;

/** Prepared statements and transactions (READ COMMITTED; rows are locked explicitly) on a node-postgres pool. */
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

  /** One statement in a transaction of its own. */
  async query<Row extends QueryResultRow = QueryResultRow>(
    statement: Statement,
    values: readonly unknown[] = [],
  ): Promise<Row[]> {
    const result = await this.pool.query<Row>({ name: statement.name, text: statement.text, values: [...values] });
    return result.rows;
  }

  /**
   * Calls `heard` after every NOTIFY on `channel`, and whenever one may have been missed. On a connection beside the pool;
   * the result ends it.
   */
  listen(channel: string, heard: () => void): () => Promise<void> {
    const listener = new Listener(this.pool.options, channel, heard);
    return () => listener.close();
  }

  async transaction<T>(work: (tx: SqlTransaction) => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.runOnce(work);
      } catch (error) {
        if (attempt === ATTEMPTS_MAX || !isRetryable(error)) throw error;
      }
    }
  }

  private async runOnce<T>(work: (tx: SqlTransaction) => Promise<T>): Promise<T> {
    const client = await this.pool.connect();
    const tasks: (() => void)[] = [];
    let result: T;
    try {
      await client.query('BEGIN');
      result = await work(transactionOn(client, tasks));
      await client.query('COMMIT');
    } catch (error) {
      await rollBack(client);
      throw error;
    }
    client.release();
    for (const task of tasks) task();
    return result;
  }
}

function transactionOn(client: PoolClient, tasks: (() => void)[]): SqlTransaction {
  return {
    async query<Row extends QueryResultRow>(statement: Statement, values: readonly unknown[] = []): Promise<Row[]> {
      const result = await client.query<Row>({ name: statement.name, text: statement.text, values: [...values] });
      return result.rows;
    },
    afterCommit: (task) => void tasks.push(task),
  };
}

/** A connection whose ROLLBACK fails is in an unknown state and is closed instead of going back to the pool. */
async function rollBack(client: PoolClient): Promise<void> {
  try {
    await client.query('ROLLBACK');
    client.release();
  } catch (error) {
    client.release(error instanceof Error ? error : true);
  }
}
