import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { grownOldBy } from '../../../test/grown-old/grown-old.js';
import { startTestRedis, testRedisUrl, type TestRedis } from '../../../test/servers/test-servers.js';

const withRedis = testRedisUrl() === null ? describe.skip : describe;

/** Goal: what a command to Redis needs lives as long as the command, which takes the patch of ioredis that `npm ci` applies. */
withRedis('commands to Redis', () => {
  let redis: TestRedis;

  beforeAll(async () => {
    redis = await startTestRedis();
  });

  afterAll(async () => {
    await redis.stop();
  });

  it('leave nothing among the old objects', async () => {
    expect(await grownOldBy('command', redis.url)).toBeLessThan(1_000);
  });
});
