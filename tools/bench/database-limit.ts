import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { Refusal } from '../refusal.js';
import { LIMIT_SCHEMA, LIMIT_TRANSACTION } from './database-limit-sql.js';

/** Connections at which small durable transactions share their flushes well; more gain nothing on a few cores. */
const CLIENTS = 16;

/**
 * The most idempotent withdrawals per second that a PostgreSQL server can commit when nothing else is there: one function call each,
 * driven by pgbench, with the server's own durability. The measure for everything above it. `url`: a database that was prepared for it.
 * Throws `Refusal` where pgbench is not installed.
 */
export async function measureDatabaseLimit(url: string, seconds: number): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), 'cashpoint-limit-'));
  try {
    const script = join(folder, 'withdraw.pgb');
    await writeFile(script, LIMIT_TRANSACTION);
    return await pgbench(url, script, seconds);
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Makes the tables and the function in an empty database. */
export async function prepareDatabaseLimit(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(LIMIT_SCHEMA);
  } finally {
    await client.end();
  }
}

async function pgbench(url: string, script: string, seconds: number): Promise<number> {
  const { hostname, port, pathname, username, password } = new URL(url);
  const args = ['-n', '-M', 'prepared', '-c', `${CLIENTS}`, '-j', '2', '-T', `${seconds}`, '-f', script];
  const server = ['-h', hostname, '-p', port, '-U', username, pathname.slice(1)];
  const environment = { ...process.env, PGPASSWORD: password };
  try {
    const { stdout } = await promisify(execFile)('pgbench', [...args, ...server], { env: environment });
    const tps = /^tps = ([0-9.]+)/m.exec(stdout)?.[1];
    if (tps === undefined) throw new Error(`pgbench has not said how fast it was:\n${stdout}`);
    return Number(tps);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    throw new Refusal(
      'pgbench is not on the PATH; it comes with PostgreSQL (on Debian: apt install postgresql-contrib)',
    );
  }
}
