import type { Pool, PoolConfig } from 'pg';
import { parseDatabaseUrl } from './database-url.js';
import { Primary } from './primary.js';
import { PrimarySocket } from './primary-socket.js';

/** After so long without traffic the system asks whether the other end is still there, milliseconds. */
const KEEP_ALIVE_MS = 1_000;

/** For a connection to be made, or for one of the pool to become free, milliseconds; what needs it tries again. */
const CONNECT_MS_MAX = 2_500;

/**
 * After so long without a statement in an open transaction PostgreSQL ends the connection, milliseconds. A process that is frozen in the
 * middle of a transaction would otherwise keep its locks, and everybody who needs the same rows waiting, until it wakes.
 */
const IDLE_IN_TRANSACTION_MS_MAX = 2_000;

/** What node-postgres, and whatever opens its pools, needs to reach a database; `primary` is null where it has one server only. */
export interface DatabasePoolConfig extends PoolConfig {
  readonly connectionString: string;
  readonly primary: Primary | null;
}

/**
 * Configuration for a `pg.Pool` or `pg.Client` on the database of `url`. With several servers in it every connection goes to the
 * primary, and follows it: wherever these options are used, LISTEN and other libraries' pools included. With TLS a certificate is
 * checked against the name of the first server. Throws where the URL has not the form of one.
 *
 * No `statement_timeout` is set and none must be: one that ends a COMMIT which waits for the standby makes PostgreSQL answer
 * that it is committed, although only the primary has it.
 */
export function poolConfigOf(url: string): DatabasePoolConfig {
  const parsed = parseDatabaseUrl(url);
  if (parsed === null) throw new Error('a database URL must look like postgres://user:password@host:5432/database');
  const connectionString = parsed.at(parsed.servers[0]);
  const common = {
    connectionString,
    database: parsed.database,
    connectionTimeoutMillis: CONNECT_MS_MAX,
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEP_ALIVE_MS,
    idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_MS_MAX,
  };
  if (parsed.servers.length === 1) return { ...common, primary: null };
  const primary = new Primary(parsed);
  return { ...common, primary, stream: () => new PrimarySocket(primary) };
}

/** Whom the connections of a pool follow; null where there is one server only. */
export function primaryOf(pool: Pool): Primary | null {
  return (pool.options as Partial<DatabasePoolConfig>).primary ?? null;
}
