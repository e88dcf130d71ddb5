import { expect, it } from '@jest/globals';
import { Redis } from 'ioredis';
import { availableChannels } from '../../tools/cluster/channels.js';
import type { Bank } from '../cluster/bank.js';
import { booksAreRight } from '../cluster/books.js';
import { startLoad } from '../cluster/virtual-atms.js';

const REDIS = ['redis-active', 'redis-passive'];

/** For tests that need Redis: skipped, and counted as skipped, where there is none. */
export const itWithRedis = availableChannels() === 'redis' ? it : it.skip;

/** Goal: a channel may lose everything it has, and the money does not notice. Method: both Redis killed and flushed under load. */
export function channelsLost(bank: () => Bank): void {
  async function flush(name: string): Promise<void> {
    const { channels } = await bank().cluster.status();
    const redis = new Redis(channels.find((channel) => channel.name === name)?.url ?? '', { maxRetriesPerRequest: 1 });
    await redis.flushall();
    redis.disconnect();
  }

  itWithRedis(
    'Redis killed, flushed, and both gone at once under load: nothing lost, nothing doubled',
    async () => {
      const load = startLoad(bank(), bank().customers(12));
      await load.more(30);
      for (let round = 0; round < 5; round++) {
        await flush('redis-active');
        await load.more(10);
      }
      await bank().kill(['redis-active']);
      await load.more(60);
      await flush('redis-passive');
      await bank().start(['redis-active']);
      await load.more(30);
      await bank().kill(REDIS);
      // Cash still comes out: advices wait in the transmission queue.
      await load.more(30);
      const { receipts, failures } = await load.stop();
      expect(failures).toEqual([]);
      expect((await bank().audit()).inFlight).toBeGreaterThan(0);

      await bank().start(REDIS);
      await booksAreRight(bank(), receipts);
    },
    180_000,
  );
}
