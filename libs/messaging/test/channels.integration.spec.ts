import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { startTestRedis, testRedisUrl, type TestRedis } from '../../../test/servers/test-servers.js';
import { HalfOpenProxy } from '../../../test/servers/half-open-proxy.js';
import { eventually, note, recording, TestBroker, type TestReplica } from './test-broker.js';

const withRedis = testRedisUrl() === null ? describe.skip : describe;

/**
 * Goal: whatever happens to one of two channels, everything sent is applied once, and senders are on the other one within a
 * second. Method: Redis servers of the test's own that are killed, frozen behind a proxy, paused and flushed under load.
 */
withRedis('two channels', () => {
  let one: TestRedis;
  let other: TestRedis;
  let proxy: HalfOpenProxy;
  let source: TestBroker;
  let target: TestBroker;

  beforeEach(async () => {
    [one, other] = await Promise.all([startTestRedis(), startTestRedis()]);
    proxy = await HalfOpenProxy.before(one.url);
    [source, target] = await Promise.all([TestBroker.create('source'), TestBroker.create('target')]);
  }, 30_000);

  afterEach(async () => {
    proxy.thaw();
    await Promise.all([source.close(), target.close()]);
    await proxy.close();
    await Promise.all([one.stop(), other.stop()]);
  }, 30_000);

  async function start(channels: string): Promise<{ sender: TestReplica; receiver: TestReplica }> {
    const [receiver, sender] = await Promise.all([
      target.replica({ channels, handlers: [recording()] }),
      source.replica({ channels }),
    ]);
    return { sender, receiver };
  }

  const channelsOf = async ({ engine }: TestReplica) =>
    Object.fromEntries(engine.status().channels.map(({ name, ...status }) => [name, status]));

  /** Sends small transactions one after the other until stopped; answers how many messages. */
  function load(sender: TestReplica): { stop(): Promise<number>; readonly sent: number } {
    let stopped = false;
    let sent = 0;
    const run = async () => {
      while (!stopped) {
        await source.send(sender, [note(target.name, `load ${sent}`), note(target.name, `load ${sent + 1}`)]);
        sent += 2;
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    };
    const running = run();
    return {
      async stop() {
        stopped = true;
        await running;
        return sent;
      },
      get sent() {
        return sent;
      },
    };
  }

  const applied = async (count: number) => {
    await eventually(async () => (await source.count('messaging.transmission_queue')) === 0, 30_000);
    expect(await target.count('effect')).toBe(count);
  };

  it('kill the active one under load: the other within a second, back when it returns, what was stuck in it a repeat', async () => {
    const { sender, receiver } = await start(`active=${one.url},passive=${other.url}`);
    const events: { kind: string; from: string | null; to: string; seconds: number }[] = [];
    sender.engine.channels.failovers.onEvent = (event) => events.push(event);
    const running = load(sender);
    await eventually(() => receiver.engine.counters.received > 50);
    await stuckCopies(one.url, target.name);
    await one.kill();
    const before = running.sent;
    await eventually(() => events.length === 1);
    expect(events[0]).toMatchObject({ kind: 'failover', from: 'active', to: 'passive' });
    expect(events[0]?.seconds).toBeLessThan(1);
    expect((await channelsOf(sender))['active']).toMatchObject({ state: 'down', inUse: false, failovers: 1 });
    await eventually(() => running.sent > before + 100);
    const duplicates = receiver.engine.counters.duplicates;
    await one.restart();
    await eventually(() => events.length === 2, 15_000);
    expect(events[1]).toMatchObject({ kind: 'failback', from: 'passive', to: 'active' });
    const sent = await running.stop();
    await applied(sent);
    await eventually(() => receiver.engine.counters.duplicates > duplicates);
  }, 60_000);

  it('freeze the active one, connections open: recognised, and nothing waits on it for longer than a second', async () => {
    const { sender, receiver } = await start(`active=${proxy.url},passive=${other.url}`);
    const running = load(sender);
    await eventually(() => receiver.engine.counters.received > 50);
    proxy.freeze();
    await eventually(async () => (await channelsOf(sender))['active']?.failovers === 1);
    expect((await channelsOf(sender))['active']?.lastFailoverSeconds).toBeLessThan(1);
    const { received } = receiver.engine.counters;
    await eventually(() => receiver.engine.counters.received > received + 100);
    proxy.thaw();
    await eventually(async () => (await channelsOf(sender))['active']?.inUse === true, 20_000);
    await applied(await running.stop());
  }, 60_000);

  it('pause the queue of the canary: the channel takes what it is given and is down all the same', async () => {
    const { sender } = await start(`active=${one.url},passive=${other.url}`);
    const replicaQueue = sender.engine.status().queues.at(-1)?.queue ?? '';
    const queue = new Queue(replicaQueue, { connection: { url: one.url }, prefix: 'messaging' });
    await queue.pause();
    await eventually(async () => (await channelsOf(sender))['active']?.state === 'down', 20_000);
    expect(sender.logged).toContainEqual(
      expect.objectContaining({
        message: 'channel is down',
        context: expect.objectContaining({ reason: expect.stringContaining('canary') }) as object,
      }),
    );
    expect((await channelsOf(sender))['passive']?.inUse).toBe(true);
    await queue.resume();
    await eventually(async () => (await channelsOf(sender))['active']?.inUse === true, 20_000);
    await queue.close();
  }, 60_000);

  it('pause the queue of the service: messages come by the other channel when they are sent again', async () => {
    const { sender, receiver } = await start(`active=${one.url},passive=${other.url}`);
    const queue = new Queue(`target.${target.name}`, { connection: { url: one.url }, prefix: 'messaging' });
    await queue.pause();
    await source.send(sender, [note(target.name, 'swallowed')]);
    await eventually(async () => (await target.count('effect')) === 1, 15_000);
    expect(sender.engine.counters.resent).toBeGreaterThan(0);
    await queue.resume();
    await eventually(() => receiver.engine.counters.duplicates > 0, 15_000);
    await applied(1);
    await queue.close();
  }, 60_000);

  it('use both where the policy is active/active, and one alone while the other is gone', async () => {
    const { sender, receiver } = await start(`active-active:one=${one.url},other=${other.url}`);
    const processed = async (url: string) => {
      const redis = new Redis(url);
      const info = await redis.info('commandstats');
      redis.disconnect();
      return Number(/cmdstat_evalsha:calls=(\d+)/.exec(info)?.[1] ?? 0);
    };
    const running = load(sender);
    await eventually(() => receiver.engine.counters.received > 100);
    expect(await processed(one.url)).toBeGreaterThan(50);
    expect(await processed(other.url)).toBeGreaterThan(50);
    expect(Object.values(await channelsOf(sender)).map(({ role, inUse }) => ({ role, inUse }))).toEqual([
      { role: 'active', inUse: true },
      { role: 'active', inUse: true },
    ]);
    await other.kill();
    const { received } = receiver.engine.counters;
    await eventually(() => receiver.engine.counters.received > received + 100);
    await other.restart({ empty: true });
    await applied(await running.stop());
  }, 60_000);

  it('of different kinds: PostgreSQL takes over from Redis', async () => {
    const { sender, receiver } = await start(`active=${one.url},passive=${target.server.url}`);
    const running = load(sender);
    await eventually(() => receiver.engine.counters.received > 20);
    await one.kill();
    const { received } = receiver.engine.counters;
    await eventually(() => receiver.engine.counters.received > received + 20, 20_000);
    await one.restart({ empty: true });
    await eventually(async () => (await channelsOf(sender))['active']?.inUse === true, 20_000);
    await applied(await running.stop());
  }, 60_000);
});

/** Copies of what the service's queue has had, as a Redis has them that comes back from its disk. */
async function stuckCopies(url: string, broker: string): Promise<void> {
  const queue = new Queue(`target.${broker}`, { connection: { url }, prefix: 'messaging' });
  await queue.pause();
  await eventually(async () => (await queue.getJobCountByTypes('wait')) > 3);
  const [stuck] = await queue.getJobs(['wait'], 0, 0);
  await queue.add('bundle', stuck?.data as object);
  // The file is written every second.
  await new Promise((resolve) => setTimeout(resolve, 1_200));
  await queue.resume();
  await queue.close();
}
