import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { bytesGrownOld } from '../../../test/grown-old.js';
import { startTestRedis, testRedisUrl, type TestRedis } from '../../../test/servers/test-servers.js';
import { RedisChannel } from '../src/bullmq/redis-channel.js';

const withRedis = testRedisUrl() === null ? describe.skip : describe;

/** Goal: what a command to Redis needs lives as long as the command, which takes the patch of ioredis that `npm ci` applies. */
withRedis('commands to Redis', () => {
  let redis: TestRedis;
  let channel: RedisChannel;

  beforeAll(async () => {
    redis = await startTestRedis();
    channel = new RedisChannel('only', redis.url);
  });

  afterAll(async () => {
    await channel.close();
    await redis.stop();
  });

  it('leave nothing among the old objects', async () => {
    const add = () => channel.add('to.nobody', [{ envelopes: [] }]);
    expect(await bytesGrownOld(add, 500)).toBeLessThan(1_000);
  });
});
