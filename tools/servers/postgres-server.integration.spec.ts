import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { freePort } from './free-port.js';
import { preparePostgresHome, removePostgresHome } from './postgres-home.js';
import { type PostgresServer, startPostgres, stopPostgres } from './postgres-server.js';

describe('PostgreSQL from npm', () => {
  let folder: string;
  let server: PostgresServer | undefined;

  const start = async () => {
    server = await startPostgres({
      dataDir: join(folder, 'postgres'),
      passwordFile: join(folder, 'password'),
      port: await freePort(),
      logFile: join(folder, 'log'),
      settings: { fsync: 'off', shared_buffers: '16MB' },
    });
    return server;
  };

  const query = async (text: string, url = server?.url('postgres') ?? '') => {
    const client = new pg.Client({ connectionString: url });
    client.on('error', () => undefined);
    await client.connect();
    try {
      return (await client.query<Record<string, unknown>>(text)).rows;
    } finally {
      await client.end();
    }
  };

  beforeEach(() => {
    // 0700, as mkdtemp makes it: where we are root, the server's user cannot pass through.
    folder = mkdtempSync(join(tmpdir(), 'cashpoint-postgres-'));
  });

  afterEach(async () => {
    if (server !== undefined && !server.hasEnded()) await stopPostgres(server);
    removePostgresHome(join(folder, 'postgres'));
    rmSync(folder, { recursive: true, force: true });
  });

  it('runs from a private folder, wherever its files have to be put for that, and leaves nothing behind', async () => {
    await start();
    expect(await query('SELECT 1 AS one')).toEqual([{ one: 1 }]);
    const { files } = preparePostgresHome(join(folder, 'postgres'));
    await stopPostgres(server as PostgresServer);
    removePostgresHome(join(folder, 'postgres'));
    expect(existsSync(files)).toBe(false);
  });

  it('ends transactions that somebody forgets', async () => {
    await start();
    expect(await query('SHOW idle_in_transaction_session_timeout')).toEqual([
      { idle_in_transaction_session_timeout: '30s' },
    ]);
  });

  it('keeps its files where it was told when its user can reach them', async () => {
    chmodSync(folder, 0o711);
    await start();
    expect(existsSync(join(folder, 'postgres', 'cluster', 'PG_VERSION'))).toBe(true);
  });

  it('lets nobody in without the password', async () => {
    const { url } = await start();
    const wrong = new URL(url('postgres'));
    wrong.password = 'guessed';
    await expect(query('SELECT 1', wrong.href)).rejects.toThrow('password authentication failed');
    expect(readFileSync(join(folder, 'password'), 'utf8')).toMatch(/^[0-9a-f]{48}$/);
  });

  it('comes back with everything after kill -9, with a busy connection, and its number given to another process', async () => {
    chmodSync(folder, 0o711);
    const crashed = await start();
    await query('CREATE TABLE kept AS SELECT 42 AS answer');
    const busy = query('SELECT pg_sleep(60)').catch(() => undefined);
    crashed.signal('SIGKILL');
    await crashed.ended;
    const pidFile = join(folder, 'postgres', 'cluster', 'postmaster.pid');
    writeFileSync(pidFile, readFileSync(pidFile, 'utf8').replace(/^\d+/, String(process.pid)));
    await start();
    expect(await query('SELECT answer FROM kept')).toEqual([{ answer: 42 }]);
    await busy;
  });

  it('refuses to start twice on one folder', async () => {
    chmodSync(folder, 0o711);
    const first = await start();
    await expect(start()).rejects.toThrow(`a PostgreSQL (pid ${first.pid}) already runs`);
  });
});
