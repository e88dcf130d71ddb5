import { describe, expect, it } from '@jest/globals';
import { openBank } from './cluster/bank.js';
import { booksAreRight } from './cluster/books.js';
import { eventually } from '../tools/eventually.js';
import { startLoad } from './cluster/virtual-atms.js';
import { channelsLost, itWithRedis } from './guarantees/channels-lost.js';

describe('channels lost', () => channelsLost(openBank()));

/**
 * Goal: nobody notices that the active channel is away for twenty seconds (article "Active/Passive Mechanism"). Method: Redis
 * killed with what it holds under load and started again from its file, so that old messages reappear.
 */
describe('the active Redis away for twenty seconds under the load of 10 ATMs', () => {
  const bank = openBank();

  const channel = async (role: string) => {
    const { channels } = await bank().members();
    const found = channels.find((one) => one.role === role);
    if (found === undefined) throw new Error(`no ${role} channel in the cluster's view`);
    return found;
  };

  itWithRedis(
    'failover within a second, failback seen, no failed call, nothing lost or doubled',
    async () => {
      expect(await channel('active')).toMatchObject({ state: 'up', load: { failovers: 0 } });
      const load = startLoad(bank(), bank().customers(10));
      await load.more(30);
      await bank().kill(['redis-active']);
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
      await bank().start(['redis-active']);
      await eventually('failback', async () => (await channel('active')).load['inUse'] === 5);
      await load.more(20);
      const { receipts, failures } = await load.stop();
      expect(failures).toEqual([]);
      await booksAreRight(bank(), receipts);
    },
    180_000,
  );
});

/** The same money on queues that need no Redis at all. */
describe('channels on PostgreSQL', () => {
  const bank = openBank({ channels: 'postgres', terminals: 1, accounts: 2 });

  it('settle withdrawals', async () => {
    const load = startLoad(bank(), bank().customers(4));
    await load.more(20);
    const { receipts, failures } = await load.stop();
    expect(failures).toEqual([]);
    await booksAreRight(bank(), receipts);
  }, 60_000);
});
