import type pg from 'pg';
import { makeBooks } from '../books.js';
import type { Contestant, Transfer } from '../contestant.js';
import { applying, openPool, peerPackage, sourceOf } from './shared.js';

/** What is used of DBOS 5. */
interface Dbos {
  readonly DBOS: {
    setConfig(config: object): void;
    launch(): Promise<void>;
    shutdown(): Promise<void>;
    registerWorkflow(work: (transfer: Transfer) => Promise<void>, options: { name: string }): unknown;
    registerQueue(name: string, options: object): Promise<unknown>;
  };
  readonly DBOSClient: {
    create(options: object): Promise<{
      enqueueInTransaction(client: pg.PoolClient, options: object, transfer: Transfer): Promise<unknown>;
      destroy(): Promise<void>;
    }>;
  };
}

const QUEUE = 'transfers';
const WORKFLOW = 'apply';
const VERSION = 'bench';

const configOf = (url: string) => ({
  ...{ name: 'bench', systemDatabaseUrl: url, systemDatabasePoolSize: 16 },
  ...{ logLevel: 'error', runAdminServer: false, applicationVersion: VERSION },
});

/** Workflows enqueued inside the transaction, taken from a durable queue that is polled every 20 ms. It has no way to enqueue or run many at once. */
export const dbos = (): Contestant => ({
  needsRedis: false,
  appliesTo: 'sourceUrl',
  async prepare({ sourceUrl }) {
    await makeBooks(sourceUrl, sourceUrl);
    const pool = openPool(sourceUrl);
    await pool.query('DROP SCHEMA IF EXISTS dbos CASCADE');
    await pool.end();
    const { DBOS } = await peerPackage<Dbos>('@dbos-inc/dbos-sdk');
    DBOS.setConfig(configOf(sourceUrl));
    await DBOS.launch();
    await DBOS.shutdown();
  },
  async openSource({ sourceUrl }) {
    const { DBOSClient } = await peerPackage<Dbos>('@dbos-inc/dbos-sdk');
    const client = await DBOSClient.create({ systemDatabaseUrl: sourceUrl, systemDatabasePoolSize: 2 });
    const options = { queueName: QUEUE, workflowName: WORKFLOW, appVersion: VERSION };
    return sourceOf({
      url: sourceUrl,
      style: 'documented',
      enqueue: (connection, transfers) =>
        Promise.all(
          transfers.map((one) => client.enqueueInTransaction(connection, { ...options, workflowID: one.id }, one)),
        ),
      close: () => client.destroy(),
    });
  },
  async openTarget({ sourceUrl }, applied) {
    const { DBOS } = await peerPackage<Dbos>('@dbos-inc/dbos-sdk');
    const pool = openPool(sourceUrl);
    DBOS.registerWorkflow(applying(pool, 'documented', applied), { name: WORKFLOW });
    DBOS.setConfig(configOf(sourceUrl));
    await DBOS.launch();
    await DBOS.registerQueue(QUEUE, { workerConcurrency: 100, minPollingIntervalMs: 20, onConflict: 'always_update' });
    return {
      close: async () => {
        await DBOS.shutdown();
        await pool.end();
      },
    };
  },
});
