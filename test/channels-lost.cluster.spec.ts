import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Redis } from 'ioredis';
import { Bank } from './cluster/bank.js';
import { eventually } from './cluster/eventually.js';
import { differences, startLoad, type Load } from './cluster/virtual-atms.js';
import { availableChannels } from '../tools/cluster/channels.js';

const withRedis = availableChannels() === 'redis' ? describe : describe.skip;

/** Goal: a channel may lose everything it has, and the money does not notice. Method: both Redis killed and flushed under load. */
withRedis('Redis lost under the load of 20 ATMs', () => {
  let bank: Bank;
  beforeAll(async () => {
    bank = await Bank.open();
  }, 60_000);
  afterAll(() => bank?.close(), 30_000);

  const moreWithdrawals = (load: Load, more: number) => {
    const goal = load.count + more;
    return eventually(`${more} more withdrawals`, () => load.count >= goal, 30_000);
  };

  async function flush(name: string): Promise<void> {
    const { channels } = await bank.cluster.status();
    const redis = new Redis(channels.find((channel) => channel.name === name)?.url ?? '', { maxRetriesPerRequest: 1 });
    await redis.flushall();
    redis.disconnect();
  }

  it('killed, flushed, and both gone at once: nothing lost, nothing doubled', async () => {
    const load = startLoad(bank, 20);
    await moreWithdrawals(load, 30);
    for (let round = 0; round < 5; round++) {
      await flush('redis-active');
      await moreWithdrawals(load, 10);
    }
    await bank.cluster.kill('redis-active');
    await moreWithdrawals(load, 60);
    await flush('redis-passive');
    await bank.cluster.start('redis-active');
    await moreWithdrawals(load, 30);
    await Promise.all(['redis-active', 'redis-passive'].map((name) => bank.cluster.kill(name)));
    // Cash still comes out: advices wait in the transmission queue.
    await moreWithdrawals(load, 30);
    const { receipts, failures } = await load.stop();
    expect(failures).toEqual([]);
    expect((await bank.audit()).inFlight).toBeGreaterThan(0);

    await Promise.all(['redis-active', 'redis-passive'].map((name) => bank.cluster.start(name)));
    const audit = await bank.auditWhenQuiet();
    expect(audit.checks.filter(({ ok }) => !ok)).toEqual([]);
    expect(await differences(bank, receipts)).toEqual([]);
  }, 180_000);
});

/**
 * Goal: nobody notices that the active channel is away for twenty seconds (article "Active/Passive Mechanism"). Method: Redis
 * killed with what it holds under load and started again from its file, so that old messages reappear.
 */
withRedis('the active Redis away for twenty seconds under the load of 10 ATMs', () => {
  let bank: Bank;
  beforeAll(async () => {
    bank = await Bank.open();
  }, 60_000);
  afterAll(() => bank?.close(), 30_000);

  const channel = async (role: string) => {
    const { channels } = await bank.members();
    const found = channels.find((one) => one.role === role);
    if (found === undefined) throw new Error(`no ${role} channel in the cluster's view`);
    return found;
  };

  it('failover within a second, failback seen, no failed call, nothing lost or doubled', async () => {
    expect(await channel('active')).toMatchObject({ state: 'up', load: { failovers: 0 } });
    const load = startLoad(bank, 10);
    await eventually('30 withdrawals', () => load.count >= 30, 30_000);
    await bank.cluster.kill('redis-active');
    const downSince = Date.now();
    const atKill = load.count;
    await eventually('failover', async () => (await channel('passive')).load['inUse'] === 5);
    const { state, load: lost } = await channel('active');
    expect(state).toBe('down');
    expect(lost['inUse']).toBe(0);
    expect(lost['failovers']).toBeGreaterThanOrEqual(5);
    expect(lost['lastFailoverSeconds']).toBeLessThan(1);
    await eventually('the bank has gone on for 20 s', () => Date.now() - downSince >= 20_000, 30_000);
    expect(load.count).toBeGreaterThan(atKill + 20);
    await bank.cluster.start('redis-active');
    await eventually('failback', async () => (await channel('active')).load['inUse'] === 5);
    const atReturn = load.count;
    await eventually('20 more withdrawals', () => load.count >= atReturn + 20, 30_000);
    const { receipts, failures } = await load.stop();
    expect(failures).toEqual([]);
    const audit = await bank.auditWhenQuiet();
    expect(audit.checks.filter(({ ok }) => !ok)).toEqual([]);
    expect(await differences(bank, receipts)).toEqual([]);
  }, 180_000);
});

/** The same money on queues that need no Redis at all. */
describe('channels on PostgreSQL', () => {
  let bank: Bank;
  beforeAll(async () => {
    bank = await Bank.open({ channels: 'postgres', terminals: 1, accounts: 2 });
  }, 60_000);
  afterAll(() => bank?.close(), 30_000);

  it('settle withdrawals', async () => {
    const load = startLoad(bank, 4);
    await eventually('20 withdrawals', () => load.count >= 20, 30_000);
    const { receipts, failures } = await load.stop();
    expect(failures).toEqual([]);
    const audit = await bank.auditWhenQuiet();
    expect(audit.checks.filter(({ ok }) => !ok)).toEqual([]);
    expect(await differences(bank, receipts)).toEqual([]);
  }, 60_000);
});
