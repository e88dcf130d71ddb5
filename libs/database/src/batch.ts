import type { Duplex } from 'node:stream';
import pg, { type PoolClient, type QueryConfig, type QueryResult } from 'pg';
import utils from 'pg/lib/utils.js';
import type { Statement } from './database.js';

/** A statement with the values that it is called with. */
export interface Call {
  readonly statement: Statement;
  readonly values: readonly unknown[];
}

/** One whose values are as they are sent. */
interface Prepared extends Call {
  readonly values: readonly (string | Buffer | null)[];
}

/** node-postgres' connection, with what it knows of prepared statements: texts by name. */
interface Connection {
  readonly stream: Duplex;
  readonly parsedStatements: Record<string, string | undefined>;
  readonly submittedNamedStatements: Record<string, string | undefined>;
  parse(statement: Statement): void;
  bind(config: { readonly statement: string; readonly values: Prepared['values'] }): void;
  describe(what: { readonly type: 'P' }): void;
  execute(): void;
  sync(): void;
}

type Done = (error: Error | null, results: QueryResult | QueryResult[]) => void;

/** The parts of node-postgres' query that its types leave out. It collects the results of several statements by itself. */
interface PgQuery {
  name: string;
  text: string;
  handleCommandComplete(message: unknown, connection: Connection): void;
  handleError(error: Error, connection: Connection): void;
}
const PgQuery = pg.Query as unknown as new (config: QueryConfig, done: Done) => PgQuery;

/**
 * Prepared statements that the server takes in order and answers at once, since there is one Sync for all of them; node-postgres by itself sends
 * one with each statement, and each is a system call of the server and one of ours. The server leaves out all that comes after one that fails.
 */
class Batch extends PgQuery {
  private answered = 0;

  constructor(
    private readonly calls: readonly Call[],
    done: Done,
  ) {
    super({ text: '' }, done);
    this.expect(0);
  }

  /** Called by node-postgres: what is wrong is returned, and nothing was sent then. */
  submit(connection: Connection): unknown {
    const reused = this.calls.find(({ statement: { name, text } }) => (known(connection, name) ?? text) !== text);
    if (reused !== undefined) return new Error(`two statements have the name ${reused.statement.name}`);
    let prepared: Prepared[];
    try {
      prepared = this.calls.map(({ statement, values }) => ({ statement, values: values.map(utils.prepareValue) }));
    } catch (error) {
      return error;
    }
    for (const call of prepared) send(connection, call);
    connection.sync();
    return null;
  }

  override handleCommandComplete(message: unknown, connection: Connection): void {
    super.handleCommandComplete(message, connection);
    this.answered += 1;
    this.expect(this.answered);
  }

  /** What was left out was not prepared either. */
  override handleError(error: Error, connection: Connection): void {
    for (const { statement } of this.calls) delete connection.submittedNamedStatements[statement.name];
    super.handleError(error, connection);
  }

  /** By name and text node-postgres remembers what was prepared. */
  private expect(index: number): void {
    const call = this.calls[index];
    if (call === undefined) return;
    this.name = call.statement.name;
    this.text = call.statement.text;
  }
}

function send(connection: Connection, { statement, values }: Prepared): void {
  const { name, text } = statement;
  if (known(connection, name) === undefined) {
    connection.parse(statement);
    connection.submittedNamedStatements[name] = text;
  }
  connection.bind({ statement: name, values });
  connection.describe({ type: 'P' });
  connection.execute();
}

const known = ({ parsedStatements, submittedNamedStatements }: Connection, name: string) =>
  parsedStatements[name] ?? submittedNamedStatements[name];

/** Sends the calls in one packet. Rejects with the error of the first that fails. */
export function sendAll(client: PoolClient, calls: readonly Call[]): Promise<QueryResult[]> {
  const { stream } = (client as unknown as { readonly connection: Connection }).connection;
  return new Promise((resolve, reject) => {
    const batch = new Batch(calls, (error, results) => (error ? reject(error) : resolve([results].flat())));
    stream.cork();
    client.query(batch as unknown as pg.Submittable);
    stream.uncork();
  });
}
