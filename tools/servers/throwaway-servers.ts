import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stopProcess } from '../processes/server-process.js';
import { freePort } from './free-port.js';
import { removePostgresHome } from './postgres-home.js';
import { createDatabases, startPostgres, stopPostgres } from './postgres-server.js';
import { findRedis, startRedis } from './redis-server.js';

const CHANNEL_DATABASE = 'channel';

export interface ThrowawayServers {
  /** Of one of the databases asked for. */
  databaseUrl(name: string): string;
  /** One channel: a Redis where one is installed, else BullMQ on PostgreSQL. */
  readonly channels: string;
  /** Ends them and removes what they kept. */
  stop(): Promise<void>;
}

/** A PostgreSQL with these databases and a Redis, both for the caller alone, in a folder named after `purpose`. */
export async function startThrowawayServers(purpose: string, databases: readonly string[]): Promise<ThrowawayServers> {
  const folder = mkdtempSync(join(tmpdir(), `${purpose}-`));
  // The database may run as another user, who must be able to pass through.
  chmodSync(folder, 0o711);
  const [dataDir, logFile] = [join(folder, 'postgres'), join(folder, 'log')];
  const passwordFile = join(folder, 'password');
  const postgres = await startPostgres({ dataDir, passwordFile, port: await freePort(), logFile });
  await createDatabases(postgres.url('postgres'), [...databases, CHANNEL_DATABASE]);
  const program = findRedis();
  const redis =
    program === null ? null : await startRedis(program, { dataDir: folder, port: await freePort(), logFile });
  return {
    databaseUrl: (name) => postgres.url(name),
    channels: `only=${redis?.url ?? postgres.url(CHANNEL_DATABASE)}`,
    async stop() {
      if (redis !== null) await stopProcess(redis, 'SIGTERM', 5_000);
      await stopPostgres(postgres);
      removePostgresHome(dataDir);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
