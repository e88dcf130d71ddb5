import type { Duplex } from 'node:stream';
import pg, { type Connection, type PoolClient, type QueryConfig, type QueryResult } from 'pg';
import type { Statement } from './database.js';

/** A statement with the values that it is called with. */
export interface Call {
  readonly statement: Statement;
  readonly values: readonly unknown[];
}

/** What node-postgres knows of a connection's prepared statements: text by name. */
interface PreparingConnection extends Connection {
  readonly parsedStatements: Record<string, string | undefined>;
  readonly submittedNamedStatements: Record<string, string | undefined>;
}

type Done = (error: Error | null, results: QueryResult | QueryResult[]) => void;

/** The parts of node-postgres' query that @types/pg leaves out. */
interface PreparedQuery {
  name: string;
  text: string;
  values: readonly unknown[];
  prepare(connection: Connection): void;
  handleCommandComplete(message: unknown, connection: Connection): void;
  handleError(error: Error, connection: Connection): void;
}
const PreparedQuery = pg.Query as unknown as new (config: QueryConfig, done: Done) => PreparedQuery;

/**
 * Prepared statements that the server takes in order and answers at once, since there is one Sync for all of them; node-postgres by itself sends
 * one with each statement, and each is a system call of the server and one of ours. The server leaves out all that comes after one that fails.
 */
class Batch extends PreparedQuery {
  private answered = 0;
  private hasFailed = false;

  constructor(
    private readonly calls: readonly Call[],
    done: Done,
  ) {
    super({ text: '' }, done);
  }

  /** As of node-postgres' own queries: what is wrong is returned, and nothing was sent then. */
  submit(connection: Connection): Error | null {
    const reused = this.calls.find(({ statement: { name, text } }) => (prepared(connection, name) ?? text) !== text);
    if (reused !== undefined) return new Error(`two statements have the name ${reused.statement.name}`);
    for (const call of this.calls) {
      this.turnTo(call);
      this.prepare(connection);
      if (this.hasFailed) return null; // over values that cannot be sent, and with a Sync
    }
    connection.sync();
    this.turnTo(this.calls[0]);
    return null;
  }

  /** Called by `prepare`; its own one sends a Sync as well. */
  protected _getRows(connection: Connection): void {
    connection.execute({}, true);
  }

  override handleCommandComplete(message: unknown, connection: Connection): void {
    super.handleCommandComplete(message, connection);
    this.answered += 1;
    this.turnTo(this.calls[this.answered]);
  }

  override handleError(error: Error, connection: PreparingConnection): void {
    this.hasFailed = true;
    for (const { statement } of this.calls) delete connection.submittedNamedStatements[statement.name];
    super.handleError(error, connection);
  }

  /** By name and text node-postgres remembers what was prepared. */
  private turnTo(call: Call | undefined): void {
    if (call === undefined) return;
    this.name = call.statement.name;
    this.text = call.statement.text;
    this.values = call.values;
  }
}

function prepared(connection: Connection, name: string): string | undefined {
  const { parsedStatements, submittedNamedStatements } = connection as PreparingConnection;
  return parsedStatements[name] ?? submittedNamedStatements[name];
}

/** Sends the calls in one packet. Rejects with the error of the first that fails. */
export function sendAll(client: PoolClient, calls: readonly Call[]): Promise<QueryResult[]> {
  const { stream } = (client as unknown as { readonly connection: { readonly stream: Duplex } }).connection;
  return new Promise((resolve, reject) => {
    stream.cork();
    client.query(new Batch(calls, (error, results) => (error ? reject(error) : resolve([results].flat()))));
    stream.uncork();
  });
}
