import { describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { ping } from '../../tools/servers/redis-server.js';
import { createTestDatabase, startTestRedis, testRedisUrl } from './test-servers.js';

describe('servers of the test run', () => {
  it('give each caller an empty database of its own and take it away again', async () => {
    const [one, other] = await Promise.all([createTestDatabase(), createTestDatabase()]);
    const client = new pg.Client({ connectionString: one.url });
    await client.connect();
    await client.query('CREATE TABLE mine (id int)');
    await client.end();
    expect(one.url).not.toBe(other.url);
    await one.drop();
    await other.drop();
    await expect(new pg.Client({ connectionString: one.url }).connect()).rejects.toThrow('does not exist');
  });

  it('reject where a connection was left open', async () => {
    const database = await createTestDatabase();
    const forgotten = new pg.Client({ connectionString: database.url, application_name: 'forgotten' });
    forgotten.on('error', () => undefined);
    await forgotten.connect();
    await expect(database.drop()).rejects.toThrow('forgotten');
  });

  (testRedisUrl() === null ? it.skip : it)('give a Redis that can be killed and brought back', async () => {
    const redis = await startTestRedis();
    const port = Number(new URL(redis.url).port);
    try {
      await redis.kill();
      await expect(ping(port)).rejects.toThrow();
      await redis.restart({ empty: true });
      await expect(ping(port)).resolves.toBeUndefined();
    } finally {
      await redis.stop();
    }
  });
});
