import { makeBooks, columnsOf, CREDIT_ONCE } from '../books.js';
import type { Contestant, Style, Transfer } from '../contestant.js';
import { peerPackage, sourceOf } from './shared.js';

/** What is used of pg-boss 12. */
interface PgBoss {
  start(): Promise<unknown>;
  stop(options: { graceful: boolean }): Promise<void>;
  on(event: 'error', listener: (error: Error) => void): void;
  createQueue(name: string, options: object): Promise<unknown>;
  deleteQueue(name: string): Promise<unknown>;
  send(name: string, data: object, options: { db: Executor }): Promise<unknown>;
  insert(name: string, jobs: readonly { data: object }[], options: { db: Executor }): Promise<unknown>;
  work(
    name: string,
    options: object,
    handler: (jobs: readonly { data: Transfer }[], tx: Executor) => Promise<void>,
  ): Promise<unknown>;
}

interface Executor {
  executeSql(text: string, values?: readonly unknown[]): Promise<unknown>;
}

const QUEUE = 'transfer';

/**
 * Sends with its `db` option inside the transaction; takes a hundred jobs at a time, in the transaction that completes them (`transactional`), and
 * does not wait for the next poll while batches are full. Grouped: `insert` of many.
 */
export const pgBoss = (style: Style): Contestant => ({
  needsRedis: false,
  appliesTo: 'sourceUrl',
  async prepare({ sourceUrl }) {
    await makeBooks(sourceUrl, sourceUrl);
    const boss = await open(sourceUrl);
    await boss.deleteQueue(QUEUE).catch(() => undefined);
    await boss.createQueue(QUEUE, { retryLimit: 5 });
    await boss.stop({ graceful: false });
  },
  async openSource({ sourceUrl }) {
    const boss = await open(sourceUrl);
    return sourceOf({
      url: sourceUrl,
      style,
      enqueue: (client, transfers) => {
        const db = { executeSql: (text: string, values: unknown[]) => client.query(text, values) } as Executor;
        return style === 'documented'
          ? Promise.all(transfers.map((transfer) => boss.send(QUEUE, transfer, { db })))
          : boss.insert(
              QUEUE,
              transfers.map((data) => ({ data })),
              { db },
            );
      },
      close: () => boss.stop({ graceful: false }),
    });
  },
  async openTarget({ sourceUrl }, applied) {
    const boss = await open(sourceUrl);
    const options = {
      ...{ batchSize: 100, localConcurrency: 2, pollingIntervalSeconds: 0.5 },
      ...{ burstWhenBatchFull: true, transactional: true },
    };
    await boss.work(QUEUE, options, async (jobs, tx) => {
      const transfers = jobs.map(({ data }) => data);
      await tx.executeSql(CREDIT_ONCE.text, columnsOf(transfers));
      applied(transfers);
    });
    return { close: () => boss.stop({ graceful: false }) };
  },
});

async function open(url: string): Promise<PgBoss> {
  const { PgBoss: Boss } = await peerPackage<{ PgBoss: new (options: object) => PgBoss }>('pg-boss');
  const boss = new Boss({ connectionString: url, max: 10, supervise: false, schedule: false });
  boss.on('error', (error) => process.stderr.write(`pg-boss: ${error.message}\n`));
  await boss.start();
  return boss;
}
