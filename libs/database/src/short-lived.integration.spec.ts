import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { bytesGrownOld } from '../../../test/grown-old.js';
import { createTestDatabase } from '../../../test/servers/test-servers.js';
import { Database, type Statement } from './database.js';

const ECHO: Statement = { name: 'test.echo', text: 'SELECT $1::text AS text' };

/**
 * Goal: what a statement needs lives as long as the statement. Method: thousands of them, and the growth of what only a collection of all
 * objects frees. With node-postgres' own promises it is more than a kilobyte for a statement.
 */
describe('statements', () => {
  let pool: pg.Pool;
  let drop: () => Promise<void>;

  beforeAll(async () => {
    const created = await createTestDatabase();
    drop = () => created.drop();
    pool = new pg.Pool({ connectionString: created.url, max: 1, pipeline: true });
  });

  afterAll(async () => {
    await pool.end();
    await drop();
  });

  it('leave nothing among the old objects', async () => {
    const database = new Database(pool);
    const one = () =>
      database.transaction(async (tx) => {
        tx.write(ECHO, ['once']);
        await tx.query(ECHO, ['twice']);
      });
    expect(await bytesGrownOld(one, 500)).toBeLessThan(1_000);
  });
});
