import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Redis } from 'ioredis';
import { testRedisUrl } from '../../../test/servers/test-servers.js';
import type { HandlerOf } from '../src/engine/handlers.js';
import { eventually, note, recording, TestBroker, type TestReplica } from './test-broker.js';

const MESSAGES = 10_000;
const PER_TRANSACTION = 10;

/** As `recording`, by a handler that takes its time, so that readers matter. */
function slowly(delayMs: number): HandlerOf<'messages'> {
  const fast = recording() as HandlerOf<'messages'>;
  return {
    ...fast,
    async handle(messages, tx) {
      await new Promise((resolve) => setTimeout(resolve, delayMs));
      return fast.handle(messages, tx);
    },
  };
}

describe('readers', () => {
  let source: TestBroker;
  let target: TestBroker;

  beforeAll(async () => {
    [source, target] = await Promise.all([TestBroker.create('source'), TestBroker.create('target')]);
  });

  afterAll(async () => {
    await Promise.all([source.close(), target.close()]);
  });

  const activation = async ({ engine }: TestReplica) => engine.status().activation;

  it('rise when ten thousand messages burst into an idle queue, drain it, and go', async () => {
    const channels = `only=${testRedisUrl() ?? source.server.url}`;
    const receiver = await target.replica({ channels, handlers: [slowly(20)] });
    const sender = await source.replica({ channels });
    expect(await activation(receiver)).toMatchObject({ readers: 0, backlog: 0, desiredReplicas: 1 });
    const transactions = Array.from({ length: MESSAGES / PER_TRANSACTION }, (_, index) =>
      Array.from({ length: PER_TRANSACTION }, (_, at) => note(target.name, `${index}-${at}`)),
    );
    const burst = (async () => {
      for (const messages of transactions) await source.send(sender, messages);
    })();
    const readersSeen: number[] = [];
    let backlogSeen = 0;
    await eventually(async () => {
      const [queue] = receiver.engine.status().queues;
      readersSeen.push(queue?.readers ?? 0);
      backlogSeen = Math.max(backlogSeen, queue?.backlog ?? 0);
      return receiver.engine.counters.received >= MESSAGES;
    }, 60_000);
    await burst;
    expect(readersSeen).toEqual(expect.arrayContaining([1, 2, 4]));
    expect(Math.max(...readersSeen)).toBeLessThanOrEqual(8);
    // Jobs that wait, of up to two hundred messages: how many there are at once depends on how soon readers have risen.
    expect(backlogSeen).toBeGreaterThan(0);
    await eventually(async () => (await activation(receiver)).readers === 0);
    expect((await activation(receiver)).backlog).toBe(0);
    await eventually(async () => (await source.count('messaging.transmission_queue')) === 0, 20_000);
    expect(await target.count('effect')).toBe(MESSAGES);
  }, 90_000);
});

const withRedis = testRedisUrl() === null ? describe.skip : describe;

withRedis('dead readers', () => {
  let target: TestBroker;
  let source: TestBroker;

  beforeAll(async () => {
    [source, target] = await Promise.all([TestBroker.create('source'), TestBroker.create('target')]);
  });

  afterAll(async () => {
    await Promise.all([source.close(), target.close()]);
  });

  it('are replaced, and what waited is read', async () => {
    const url = testRedisUrl() ?? '';
    const channels = `only=${url}`;
    const receiver = await target.replica({ channels, handlers: [recording()] });
    const sender = await source.replica({ channels });
    const redis = new Redis(url);
    const key = `messaging:target.${target.name}`;
    await eventually(async () => String(await redis.client('LIST')).includes('bzpopmin'));
    // From outside, readers that are dead and a queue that is paused look the same.
    await redis.hset(`${key}:meta`, 'paused', '1');
    await source.send(sender, [note(target.name, 'unheard')]);
    await eventually(async () => (await redis.llen(`${key}:wait`)) + (await redis.llen(`${key}:paused`)) > 0);
    await eventually(async () => receiver.engine.status().queues[0]?.silent === true, 20_000);
    expect((await activationOf(receiver)).replaced).toBeGreaterThan(0);
    await redis.hdel(`${key}:meta`, 'paused');
    await eventually(async () => (await target.count('effect')) === 1, 20_000);
    redis.disconnect();
  }, 60_000);
});

const activationOf = async ({ engine }: TestReplica) => engine.status().activation;
