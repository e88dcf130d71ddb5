import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { eventually } from '../../../../tools/eventually.js';
import { HalfOpenProxy } from '../../../../test/servers/half-open-proxy.js';
import { keepServer, type KeptServer } from '../../../../test/servers/kept-server.js';
import { endPool } from '../../../../tools/servers/end-pool.js';
import { freePort } from '../../../../tools/servers/free-port.js';
import { Database, type Statement } from '../database.js';
import { DatabaseUnavailable, OutcomeUnknown } from '../faults.js';
import { poolConfigOf } from './pool-config.js';

const INSERT: Statement = { name: 'following.insert', text: 'INSERT INTO seen(id) VALUES ($1)' };

/** A server of the test's own, and what it is made to say of itself. */
interface TestServer {
  readonly kept: KeptServer;
  readonly admin: pg.Client;
  readonly proxy: HalfOpenProxy;
}

/**
 * Goal: connections follow the primary. Method: two independent servers, one of them read-only by default, which is all that a client can
 * tell a standby by; the timeline is faked with a function. Real standbys are the cluster tests' matter.
 */
describe('a database with two servers', () => {
  let servers: TestServer[] = [];
  let pool: pg.Pool;
  let database: Database;

  beforeAll(async () => {
    const folder = process.env['TEST_FOLDER'] ?? '';
    servers = await Promise.all(
      ['one', 'two'].map(async (name) => {
        const place = mkdtempSync(join(folder, `${name}-`));
        mkdirSync(place, { recursive: true });
        writeFileSync(join(place, 'password'), 'shared-by-both', { mode: 0o600 });
        const kept = await keepServer('postgres', place, String(await freePort()));
        const admin = new pg.Client({ connectionString: kept.url });
        await admin.connect();
        await admin.query('CREATE TABLE seen(id int)');
        await admin.query('ALTER ROLE cashpoint SET search_path = public, pg_catalog');
        return { kept, admin, proxy: await HalfOpenProxy.before(kept.url) };
      }),
    );
  }, 60_000);

  afterAll(async () => {
    for (const { kept, admin, proxy } of servers) {
      await admin.end();
      await proxy.close();
      await kept.stop();
    }
  });

  beforeEach(async () => {
    await promote(0);
    const [one, two] = servers.map(({ proxy }) => new URL(proxy.url));
    pool = new pg.Pool({
      ...poolConfigOf(`${two?.href.replace(/\/postgres$/, '')},${one?.host}/postgres`),
      max: 4,
      pipeline: true,
    });
    database = new Database(pool);
  });

  afterEach(async () => {
    for (const { proxy } of servers) proxy.thaw();
    await endPool(pool);
  });

  /** Makes that server the primary, and the other one a standby. */
  async function promote(index: number, timeline = 1): Promise<void> {
    await say(1 - index, 'on', timeline - 1);
    await say(index, 'off', timeline);
  }

  async function say(index: number, readOnly: 'on' | 'off', timeline: number): Promise<void> {
    const { admin } = servers[index] as TestServer;
    const digits = String(Math.max(timeline, 1)).padStart(8, '0');
    await admin.query('SET default_transaction_read_only = off');
    await admin.query(
      `CREATE OR REPLACE FUNCTION public.pg_walfile_name(pg_lsn) RETURNS text LANGUAGE sql AS $$ SELECT '${digits}' $$`,
    );
    await admin.query(`ALTER SYSTEM SET default_transaction_read_only = ${readOnly}`);
    await admin.query('SELECT pg_reload_conf()');
    // Sessions follow one after the other; a new one shows that the server itself has.
    await eventually('the new setting', async () => {
      const fresh = new pg.Client({ connectionString: servers[index]?.kept.url });
      await fresh.connect();
      const { rows } = await fresh.query<{ default_transaction_read_only: string }>(
        'SHOW default_transaction_read_only',
      );
      await fresh.end();
      return rows[0]?.default_transaction_read_only === readOnly;
    });
  }

  const idsAt = async (index: number): Promise<number[]> => {
    const { admin } = servers[index] as TestServer;
    return (await admin.query<{ id: number }>('SELECT id FROM seen ORDER BY id')).rows.map(({ id }) => id);
  };

  const insert = (id: number) => database.transaction((tx) => tx.query(INSERT, [id]));
  const roles = () => database.primary?.servers.map(({ role }) => role);

  it('writes at the primary, wherever that stands in the list, and follows it', async () => {
    await insert(1);
    expect(await idsAt(0)).toContain(1);
    const moved = new Promise((resolve) => database.primary?.once('moved', resolve));
    await promote(1);
    await insert(2);
    expect(await idsAt(1)).toEqual([2]);
    expect(await moved).toEqual(expect.any(Number));
    // The second server is the first one of the list.
    expect(roles()).toEqual(['primary', 'standby']);
  });

  it('hears notifications of the new primary', async () => {
    let heard = 0;
    const close = database.listen('test_following', () => heard++);
    try {
      await eventually('the first connection', () => heard > 0);
      const before = heard;
      await promote(1);
      await eventually('a connection to the new primary', () => heard > before);
      const connected = heard;
      await servers[1]?.admin.query('NOTIFY test_following');
      await eventually('the notification', () => heard > connected);
    } finally {
      await close();
    }
  });

  it('leaves a primary that falls silent, and answers what was running there', async () => {
    await insert(3);
    const running = database.query({ name: 'following.sleep', text: 'SELECT pg_sleep(0.2), 1 AS one' });
    servers[0]?.proxy.freeze();
    await promote(1);
    expect(await running).toMatchObject([{ one: 1 }]);
    await insert(4);
    expect(await idsAt(1)).toContain(4);
  });

  it('does not know whether a COMMIT whose answer was lost was done, and says so', async () => {
    const committing = database.transaction(async (tx) => {
      await tx.query(INSERT, [5]);
      servers[0]?.proxy.freeze();
    });
    await expect(committing).rejects.toThrow(OutcomeUnknown);
  });

  it('runs a transaction again that was cut off before COMMIT', async () => {
    let attempts = 0;
    await database.transaction(async (tx) => {
      if (++attempts === 1) {
        await tx.query(INSERT, [6]);
        servers[0]?.proxy.freeze();
        await promote(1);
      }
      await tx.query(INSERT, [7]);
    });
    expect(attempts).toBeGreaterThan(1);
    expect(await idsAt(1)).toContain(7);
    expect(await idsAt(0)).not.toContain(6);
  });

  it('does not go back to a primary that was replaced and does not know it', async () => {
    await insert(8);
    await promote(1, 2);
    await insert(9);
    await say(1, 'on', 2);
    await say(0, 'off', 1);
    await eventually('the new primary is left', () => roles()?.[0] === 'standby');
    await expect(insert(10)).rejects.toThrow(DatabaseUnavailable);
    expect(await idsAt(0)).not.toContain(10);
    expect(await database.status(200)).toMatchObject({ name: 'postgres', role: 'unknown', state: 'down' });
    await say(1, 'off', 2);
    await insert(10);
    expect(await idsAt(1)).toContain(10);
  });
});
