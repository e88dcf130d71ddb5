import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { freePort } from '../../tools/servers/free-port.js';
import { keepServer } from './kept-server.js';

/** Time for connections that are being closed to be gone, milliseconds; what is open after it was forgotten. */
const CLOSE_MS_MAX = 3_000;

export interface TestDatabase {
  readonly url: string;
  /** Removes the database. Rejects where connections to it were left open, since that is a leak in what was tested. */
  drop(): Promise<void>;
}

/** A new, empty database on the PostgreSQL of the test run. */
export async function createTestDatabase(): Promise<TestDatabase> {
  const name = `test_${randomBytes(8).toString('hex')}`;
  await onServer((client) => client.query(`CREATE DATABASE ${name}`));
  const url = new URL(variable('TEST_POSTGRES_URL'));
  url.pathname = name;
  return { url: url.href, drop: () => onServer((client) => drop(client, name)) };
}

/** The Redis of the test run, shared by all test files (use names of your own), or null where none is installed. */
export function testRedisUrl(): string | null {
  return process.env['TEST_REDIS_URL'] ?? null;
}

export interface TestRedis {
  readonly url: string;
  /** Ends the process at once, as a crash does, and resolves when it is gone. */
  kill(): Promise<void>;
  /** Starts it again on the same port, with what its file has; `empty` forgets that first. */
  restart(options?: { empty?: boolean }): Promise<void>;
  /** Stops it for good and removes its file. */
  stop(): Promise<void>;
}

/** A Redis of the test's own, to be killed. Only where `testRedisUrl()` is not null. */
export async function startTestRedis(): Promise<TestRedis> {
  // Below the folder of the test run, which goes when the run has ended, even where `stop` was never called.
  const folder = mkdtempSync(join(variable('TEST_FOLDER'), 'redis-'));
  const port = String(await freePort());
  let server = await keepServer('redis', folder, port);
  return {
    url: server.url,
    async kill() {
      process.kill(server.pid, 'SIGKILL');
      await server.gone;
    },
    async restart({ empty = false } = {}) {
      await server.stop();
      if (empty) rmSync(join(folder, 'appendonlydir'), { recursive: true, force: true });
      server = await keepServer('redis', folder, port);
    },
    async stop() {
      await server.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Set by `start-servers.ts`. */
function variable(name: 'TEST_POSTGRES_URL' | 'TEST_FOLDER'): string {
  const value = process.env[name];
  if (value === undefined) throw new Error('this test needs the servers of the integration project');
  return value;
}

async function onServer<T>(work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: variable('TEST_POSTGRES_URL') });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

async function drop(client: pg.Client, name: string): Promise<void> {
  const deadline = Date.now() + CLOSE_MS_MAX;
  let open = await connectionsTo(client, name);
  while (open.length > 0 && Date.now() < deadline) {
    await new Promise((resolve) => setTimeout(resolve, 25));
    open = await connectionsTo(client, name);
  }
  await client.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
  if (open.length > 0) throw new Error(`connections left open: ${open.join(', ')}`);
}

async function connectionsTo(client: pg.Client, name: string): Promise<string[]> {
  const { rows } = await client.query<{ what: string }>(
    `SELECT coalesce(nullif(application_name, ''), 'unnamed') || ' (' || left(query, 60) || ')' AS what
       FROM pg_stat_activity WHERE datname = $1 AND backend_type = 'client backend'`,
    [name],
  );
  return rows.map(({ what }) => what);
}
