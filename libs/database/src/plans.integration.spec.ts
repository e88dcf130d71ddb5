import type { Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { createTestDatabase } from '../../../test/servers/test-servers.js';
import { eventually } from '../../../tools/eventually.js';
import { Database, type Statement } from './database.js';
import { FREE_PLANS } from './plans.js';

const ROWS = 10;
const NOT_AMONG: Statement = {
  name: 'test.not-among',
  text: 'SELECT count(*)::int AS count FROM many WHERE NOT (id = ANY($1::bigint[]))',
};
const CUSTOM_PLANS: Statement = {
  name: 'test.custom-plans',
  text: `SELECT generic_plans::int AS generic, custom_plans::int AS custom FROM pg_prepared_statements WHERE name = 'test.not-among'`,
};

describe('free plans', () => {
  let pool: pg.Pool;
  let url: string;
  let drop: () => Promise<void>;
  beforeAll(async () => {
    const created = await createTestDatabase();
    drop = () => created.drop();
    url = created.url;
    pool = new pg.Pool({ connectionString: created.url, max: 1, pipeline: true });
    await pool.query(`CREATE TABLE many AS SELECT i AS id FROM generate_series(1::bigint, ${ROWS}) AS i; ANALYZE many`);
  });
  afterAll(async () => {
    await pool.end();
    await drop();
  });

  it('are made for the values of every run, so that a list is hashed once it is long, however often it was asked for while it was short', async () => {
    const database = new Database(pool);
    const even = Array.from({ length: ROWS / 2 }, (_, index) => 2 * (index + 1));
    for (let run = 1; run <= 8; run++) {
      const plans = await database.transaction(async (tx) => {
        await tx.query(FREE_PLANS);
        expect(await tx.query(NOT_AMONG, [even])).toEqual([{ count: ROWS / 2 }]);
        return tx.query(CUSTOM_PLANS);
      });
      expect(plans).toEqual([{ generic: 0, custom: run }]);
    }
  });

  it('end with the process that asked for them', async () => {
    const client = new pg.Client({ connectionString: url });
    client.on('error', () => undefined);
    await client.connect();
    await client.query('BEGIN');
    await client.query(FREE_PLANS);
    const asked = client.query('SELECT pg_sleep(600)').catch((error: unknown) => error);
    const asking = async () => {
      const { rows } = await pool.query(`SELECT FROM pg_stat_activity WHERE query = 'SELECT pg_sleep(600)'`);
      return rows.length;
    };
    await eventually('the query', async () => (await asking()) === 1);
    (client as unknown as { connection: { stream: Socket } }).connection.stream.destroy();
    expect(await asked).toBeInstanceOf(Error);
    await eventually('the end of the query', async () => (await asking()) === 0);
  });
});
