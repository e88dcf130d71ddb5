import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stopProcess } from '../../tools/processes/server-process.js';
import { freePort } from '../../tools/servers/free-port.js';
import { removePostgresHome } from '../../tools/servers/postgres-home.js';
import { createDatabases, startPostgres, stopPostgres } from '../../tools/servers/postgres-server.js';
import { findRedis, startRedis } from '../../tools/servers/redis-server.js';

export interface Servers {
  readonly shop: string;
  readonly depot: string;
  readonly channels: string;
  readonly stop: () => Promise<void>;
}

/** Those that the environment names (SHOP_DATABASE_URL, DEPOT_DATABASE_URL, CHANNELS), else ones of our own, which are gone afterwards. */
export async function openServers(): Promise<Servers> {
  const { SHOP_DATABASE_URL: shop, DEPOT_DATABASE_URL: depot, CHANNELS: channels } = process.env;
  if (shop !== undefined && depot !== undefined && channels !== undefined) {
    return { shop, depot, channels, stop: () => Promise.resolve() };
  }
  const folder = mkdtempSync(join(tmpdir(), 'orders-example-'));
  chmodSync(folder, 0o711);
  const [dataDir, logFile] = [join(folder, 'postgres'), join(folder, 'log')];
  const postgres = await startPostgres({
    dataDir,
    passwordFile: join(folder, 'password'),
    port: await freePort(),
    logFile,
  });
  await createDatabases(postgres.url('postgres'), ['shop', 'depot', 'channel']);
  const program = findRedis();
  const redis =
    program === null ? null : await startRedis(program, { dataDir: folder, port: await freePort(), logFile });
  const stop = async () => {
    if (redis !== null) await stopProcess(redis, 'SIGTERM', 5_000);
    await stopPostgres(postgres);
    removePostgresHome(dataDir);
    rmSync(folder, { recursive: true, force: true });
  };
  // Without a Redis, BullMQ on PostgreSQL carries the messages.
  const channel = `only=${redis?.url ?? postgres.url('channel')}`;
  return { shop: postgres.url('shop'), depot: postgres.url('depot'), channels: channel, stop };
}
