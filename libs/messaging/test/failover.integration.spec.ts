import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Redis } from 'ioredis';
import {
  createTestDatabase,
  startTestRedis,
  testRedisUrl,
  type TestRedis,
} from '../../../test/servers/test-servers.js';
import { MemoryChannel } from './memory-channel.js';
import { eventually, note, recording, TestBroker, type TestReplica } from './test-broker.js';

describe('channels that fail', () => {
  let source: TestBroker;
  let target: TestBroker;

  beforeAll(async () => {
    [source, target] = await Promise.all([TestBroker.create('source'), TestBroker.create('target')]);
  });

  afterAll(async () => {
    await Promise.all([source.close(), target.close()]);
  });

  const inUse = async (replica: TestReplica) => replica.engine.status().channels.find((channel) => channel.inUse)?.name;

  /** Each once, however often it was sent; without canaries. */
  const notesOn = ({ added }: MemoryChannel) => {
    const notes = added.filter(({ envelope }) => envelope.type === 'note');
    return [...new Set(notes.map(({ envelope }) => (envelope.body as { note: string }).note))].toSorted();
  };

  const settled = async (messages: number) =>
    (await target.count('effect')) === messages && (await source.count('messaging.transmission_queue')) === 0;

  it.each(['dead', 'hung'] as const)(
    'a %s active channel is left for the passive one in the same call',
    async (mode) => {
      const active = new MemoryChannel('active');
      const passive = new MemoryChannel('passive');
      const sender = await source.replica({ channels: [active, passive] });
      active.mode = mode;
      await source.send(sender, [note('nobody', 'x')]);
      await eventually(() => notesOn(passive).includes('x'), 1_500);
      expect(await inUse(sender)).toBe('passive');
      await source.send(sender, [note('nobody', 'y')]);
      await eventually(() => notesOn(passive).includes('y'), 500);
      active.mode = 'works';
      await eventually(async () => (await inUse(sender)) === 'active', 3_000);
      const changes = sender.logged.filter(({ message }) => message.startsWith('channel is'));
      expect(changes.map(({ message }) => message)).toEqual(['channel is down', 'channel is up again']);
      await sender.close();
      await source.rows('DELETE FROM messaging.transmission_queue');
    },
  );

  it('what a channel had taken when it was lost goes again on the other one, without waiting for its answer', async () => {
    const active = new MemoryChannel('active');
    const passive = new MemoryChannel('passive');
    const sender = await source.replica({ channels: [active, passive] });
    active.loses = () => true;
    await source.send(sender, [note('nobody', 'swallowed'), note('nobody', 'swallowed too')]);
    await eventually(() => notesOn(active).join() === 'swallowed,swallowed too', 1_000);
    expect(notesOn(passive)).toEqual([]);
    active.mode = 'dead';
    await source.send(sender, [note('nobody', 'refused')]);
    // Below the first re-send.
    await eventually(() => notesOn(passive).join() === 'refused,swallowed,swallowed too', 1_000);
    await sender.close();
    await source.rows('DELETE FROM messaging.transmission_queue');
  });

  it('a PostgreSQL channel whose connections all break delivers again', async () => {
    const carrier = await createTestDatabase();
    const [one, other] = await Promise.all([TestBroker.create('one'), TestBroker.create('other')]);
    const channels = `only=${carrier.url}`;
    const sender = await one.replica({ channels });
    await other.replica({ channels, handlers: [recording()] });
    const empty = async () => (await one.count('messaging.transmission_queue')) === 0;
    await one.send(sender, [note(other.name, 'before')]);
    await eventually(empty);
    const name = new URL(carrier.url).pathname.slice(1);
    await one.rows('SELECT pg_terminate_backend(pid, 1000) FROM pg_stat_activity WHERE datname = $1', [name]);
    await one.send(sender, [note(other.name, 'after')]);
    await eventually(empty, 15_000);
    expect(await other.rows('SELECT note FROM effect ORDER BY note')).toEqual([{ note: 'after' }, { note: 'before' }]);
    await Promise.all([one.close(), other.close()]);
    await carrier.drop();
  }, 30_000);

  (testRedisUrl() === null ? describe.skip : describe)('Redis', () => {
    let redis: TestRedis;
    let sender: TestReplica;
    let receiver: TestReplica;
    let sent = 0;

    const send = async (messages: number) => {
      for (let index = 0; index < messages; index++) {
        await source.send(sender, [note(target.name, `n${index}`), note(target.name, `m${index}`)]);
        sent += 2;
      }
    };

    beforeAll(async () => {
      redis = await startTestRedis();
      const channels = `active=${redis.url},passive=${source.server.url}`;
      sender = await source.replica({ channels });
      receiver = await target.replica({ channels, handlers: [recording()] });
    });

    afterAll(async () => {
      await Promise.all([sender.close(), receiver.close()]);
      await redis.stop();
    });

    it('flushed in the middle of the load loses nothing', async () => {
      const client = new Redis(redis.url);
      await Promise.all([send(150), client.flushall(), client.flushall()]);
      await client.flushall();
      client.disconnect();
      await eventually(() => settled(sent), 15_000);
    }, 20_000);

    it('killed in the middle of the load loses nothing, and is used again when it is back', async () => {
      const load = send(150);
      await redis.kill();
      await load;
      await send(5);
      await eventually(async () => (await inUse(sender)) === 'passive', 1_500);
      await eventually(() => settled(sent), 20_000);
      await redis.restart({ empty: true });
      await eventually(async () => (await inUse(sender)) === 'active', 5_000);
      const startedAt = performance.now();
      await send(5);
      await eventually(() => settled(sent), 10_000);
      expect(performance.now() - startedAt).toBeLessThan(1_800); // Below the first re-send: the readers are back, too.
    }, 40_000);
  });
});

(testRedisUrl() === null ? describe.skip : describe)('a Redis that is not there when the process starts', () => {
  let redis: TestRedis;
  let source: TestBroker;
  let target: TestBroker;

  beforeEach(async () => {
    redis = await startTestRedis();
    await redis.kill();
    [source, target] = await Promise.all([TestBroker.create('source'), TestBroker.create('target')]);
  });

  afterEach(async () => {
    await Promise.all([source.close(), target.close()]);
    await redis.stop();
  });

  it('is found when it comes, and nothing waits for it until then', async () => {
    const channels = `only=${redis.url}`;
    const sender = await source.replica({ channels });
    const receiver = await target.replica({ channels, handlers: [recording()] });
    await source.send(sender, [note(target.name, 'hello')]);
    await eventually(async () => sender.engine.status().channels[0]?.state === 'down', 2_000);
    await redis.restart();
    await eventually(async () => (await source.count('messaging.transmission_queue')) === 0, 15_000);
    expect(await target.count('effect')).toBe(1);
    const complaints = ({ logged }: TestReplica) =>
      logged.filter(({ message }) => message === 'channel is down').length;
    expect(complaints(sender)).toBe(1);
    expect(complaints(receiver)).toBeLessThanOrEqual(1);
  }, 30_000);

  it('does not keep the process from closing', async () => {
    const replica = await source.replica({ channels: `only=${redis.url}`, handlers: [recording()] });
    const startedAt = performance.now();
    await replica.close();
    expect(performance.now() - startedAt).toBeLessThan(3_000);
  });
});
