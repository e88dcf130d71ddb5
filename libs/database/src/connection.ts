import type { PoolClient, QueryConfig, QueryResult, QueryResultRow } from 'pg';
import type { Statement } from './database.js';
import { isConnectionFault, isReadOnlyFault } from './faults.js';

export async function run<Row extends QueryResultRow>(
  client: PoolClient,
  { name, text }: Statement,
  values: readonly unknown[],
): Promise<Row[]> {
  const result = await ask<Row>(client, { name, text, values: [...values] });
  return result.rows;
}

/**
 * One statement with node-postgres' callback. Its own promise keeps each query, with all that it leads to, until the next collection of old objects
 * ([ADR 74](../../../docs/adr/0074-closures-that-are-born-old.md)). An error tells, as there, who asked, and not who read the socket.
 */
export async function ask<Row extends QueryResultRow>(
  client: PoolClient,
  query: string | QueryConfig,
): Promise<QueryResult<Row>> {
  try {
    return await new Promise((resolve, reject) => {
      client.query<Row>(query as QueryConfig, (error, result) => (error ? reject(error) : resolve(result)));
    });
  } catch (error) {
    if (error instanceof Error) Error.captureStackTrace(error);
    throw error;
  }
}

/**
 * A COMMIT (or a statement that is a transaction of its own) that is answered with a warning was not replicated: PostgreSQL says so where
 * the wait for the standby is cancelled (pg_cancel_backend, statement_timeout), and counts the transaction as committed. For us nobody knows.
 */
export function hearWarning(client: PoolClient) {
  const hear = (notice: { readonly severity?: unknown }) => {
    if (notice.severity === 'WARNING') warning.heard = notice;
  };
  const warning = { heard: null as unknown, stop: () => void client.removeListener('notice', hear) };
  client.on('notice', hear);
  return warning;
}

/** Closes a connection that broke, or that leads to a standby; any other one goes back to the pool. */
export function release(client: PoolClient, error: unknown): void {
  if (!isConnectionFault(error) && !isReadOnlyFault(error)) client.release();
  else client.release(error instanceof Error ? error : true);
}
