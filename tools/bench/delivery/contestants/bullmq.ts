import { Queue, Worker } from 'bullmq';
import { makeBooks } from '../books.js';
import type { Contestant, Style, Transfer } from '../contestant.js';
import { applying, openPool, sourceOf } from './shared.js';

const QUEUE = 'transfer';

const connectionOf = (url: string) => {
  const { hostname: host, port } = new URL(url);
  return { host, port: Number(port), maxRetriesPerRequest: null };
};

/**
 * Added after the commit, without an outbox: what the source dies of in between is lost, and so is what Redis loses. Fifty jobs run at once.
 * Grouped: `addBulk`, and what runs together is applied together.
 */
export const bullmq = (style: Style): Contestant => ({
  needsRedis: true,
  appliesTo: 'sourceUrl',
  async prepare({ sourceUrl, redisUrl }) {
    await makeBooks(sourceUrl, sourceUrl);
    const queue = new Queue(QUEUE, { connection: connectionOf(redisUrl) });
    await queue.obliterate({ force: true });
    await queue.close();
  },
  async openSource({ sourceUrl, redisUrl }) {
    const queue = new Queue<Transfer>(QUEUE, { connection: connectionOf(redisUrl) });
    const opts = { attempts: 5, removeOnComplete: true };
    return sourceOf({
      url: sourceUrl,
      style,
      enqueue: async () => undefined,
      afterCommit: (transfers) =>
        style === 'documented'
          ? Promise.all(transfers.map((one) => queue.add(QUEUE, one, opts)))
          : queue.addBulk(transfers.map((data) => ({ name: QUEUE, data, opts }))),
      close: () => queue.close(),
    });
  },
  async openTarget({ sourceUrl, redisUrl }, applied) {
    const pool = openPool(sourceUrl);
    const apply = applying(pool, style, applied);
    const worker = new Worker<Transfer>(QUEUE, ({ data }) => apply(data), {
      connection: connectionOf(redisUrl),
      concurrency: style === 'documented' ? 50 : 200,
    });
    await worker.waitUntilReady();
    return {
      close: async () => {
        await worker.close();
        await pool.end();
      },
    };
  },
});
