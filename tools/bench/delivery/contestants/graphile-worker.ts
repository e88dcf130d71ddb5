import { makeBooks } from '../books.js';
import type { Contestant, Style, Transfer } from '../contestant.js';
import { applying, openPool, peerPackage, sourceOf } from './shared.js';

/** What is used of graphile-worker 0.18. */
interface GraphileWorker {
  readonly runMigrations: (options: object) => Promise<void>;
  readonly run: (options: object) => Promise<{ stop(): Promise<void> }>;
  readonly Logger: new (factory: () => () => void) => object;
}

const ADD_ONE = {
  name: 'add-job',
  text: `SELECT graphile_worker.add_job('transfer', $1::json, max_attempts => 5)`,
};

const ADD_MANY = {
  name: 'add-jobs',
  text: `SELECT count(*) FROM graphile_worker.add_jobs(ARRAY(
           SELECT row('transfer', one, NULL, NULL, NULL, NULL, NULL, NULL)::graphile_worker.job_spec
             FROM json_array_elements($1::json) AS one))`,
};

/** Jobs are added by its SQL function inside the transaction; a hundred run at once, fed from its local queue, and are completed in batches. */
export const graphileWorker = (style: Style): Contestant => ({
  needsRedis: false,
  appliesTo: 'sourceUrl',
  async prepare({ sourceUrl }) {
    await makeBooks(sourceUrl, sourceUrl);
    const { runMigrations, Logger } = await peerPackage<GraphileWorker>('graphile-worker');
    await runMigrations({ connectionString: sourceUrl, logger: new Logger(() => () => undefined) });
    const pool = openPool(sourceUrl);
    await pool.query('SELECT graphile_worker.remove_job(key) FROM graphile_worker.jobs');
    await pool.end();
  },
  openSource: async ({ sourceUrl }) =>
    sourceOf({
      url: sourceUrl,
      style,
      enqueue: (client, transfers) =>
        style === 'documented'
          ? Promise.all(transfers.map((one) => client.query({ ...ADD_ONE, values: [JSON.stringify(one)] })))
          : client.query({ ...ADD_MANY, values: [JSON.stringify(transfers)] }),
      close: async () => undefined,
    }),
  async openTarget({ sourceUrl }, applied) {
    const { run, Logger } = await peerPackage<GraphileWorker>('graphile-worker');
    const pool = openPool(sourceUrl);
    const apply = applying(pool, style, applied);
    const runner = await run({
      noHandleSignals: true,
      taskList: { transfer: (payload: Transfer) => apply(payload) },
      preset: {
        worker: {
          ...{ connectionString: sourceUrl, logger: new Logger(() => () => undefined) },
          ...{ concurrentJobs: 100, maxPoolSize: 12, pollInterval: 500 },
          localQueue: { size: 300, refetchDelay: { durationMs: 20 } },
          ...{ completeJobBatchDelay: 5, failJobBatchDelay: 5 },
        },
      },
    });
    return {
      close: async () => {
        await runner.stop();
        await pool.end();
      },
    };
  },
});
