import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DataFolder } from '../cluster/data-folder.js';
import { discardWhenThisProcessEnds } from '../cluster/leash.js';
import type { Sizes } from '../cluster/sizes.js';
import type { RunningCluster } from '../cluster/start-cluster.js';
import { identify } from '../processes/identity.js';
import { stopProcess } from '../processes/server-process.js';
import { freePort } from '../servers/free-port.js';
import { createDatabases } from '../servers/postgres-server.js';
import { findRedis, type RedisServer, startRedis } from '../servers/redis-server.js';
import { prepareDatabaseLimit } from './database-limit.js';
import type { Place } from './delivery/contestant.js';
import { makeRedisDurable, type ServerSettings, settingsOfPostgres } from './environment/durability.js';
import { redisOf, startScratchCluster } from './scratch-cluster.js';

const LIMIT_DATABASE = 'database_limit';
const SOURCE_DATABASE = 'delivery_source';
const TARGET_DATABASE = 'delivery_target';

/** A bank, and beside it on the same PostgreSQL the databases of everything that it is compared with. */
export class Arena {
  private sizes: Sizes;

  private constructor(
    readonly cluster: RunningCluster,
    sizes: Sizes,
    private readonly redis: RedisServer | null,
    private readonly redisFolder: string,
    private readonly release: () => void,
  ) {
    this.sizes = sizes;
  }

  static async open(sizes: Sizes): Promise<Arena> {
    const cluster = await startScratchCluster(sizes);
    const folder = mkdtempSync(join(tmpdir(), 'cashpoint-bench-redis-'));
    const program = findRedis();
    const options = { dataDir: folder, port: await freePort(), logFile: join(folder, 'log') };
    const redis = program === null ? null : await startRedis(program, options);
    const identity = redis === null ? null : identify(redis.pid);
    const release = discardWhenThisProcessEnds(new DataFolder(folder), identity === null ? [] : [identity]);
    const arena = new Arena(cluster, sizes, redis, folder, release);
    await createDatabases(cluster.databaseUrl('postgres'), [LIMIT_DATABASE, SOURCE_DATABASE, TARGET_DATABASE]);
    await prepareDatabaseLimit(arena.limitUrl);
    return arena;
  }

  get limitUrl(): string {
    return this.cluster.databaseUrl(LIMIT_DATABASE);
  }

  /** Where messages are carried without the bank; null where there is no Redis. */
  get place(): Place | null {
    if (this.redis === null) return null;
    const { cluster } = this;
    return {
      sourceUrl: cluster.databaseUrl(SOURCE_DATABASE),
      targetUrl: cluster.databaseUrl(TARGET_DATABASE),
      redisUrl: this.redis.url,
    };
  }

  /** Read back from every server; all Redis flush before they answer from now on. */
  async settings(): Promise<ServerSettings[]> {
    const urls = [...(await redisOf(this.cluster)), ...(this.redis === null ? [] : [this.redis.url])];
    const redis = await Promise.all(urls.map(makeRedisDurable));
    return [await settingsOfPostgres(this.cluster.databaseUrl('postgres')), ...redis];
  }

  /** Adds or drains replicas until there are so many. */
  async scale(sizes: Sizes): Promise<void> {
    for (const [app, what] of [
      ['account', 'accounts'],
      ['atm-terminal', 'terminals'],
      ['gateway', 'gateways'],
    ] as const) {
      if (sizes[what] !== this.sizes[what]) await this.cluster.scale(app, sizes[what]);
    }
    this.sizes = sizes;
  }

  async close(): Promise<void> {
    await this.cluster.discard();
    if (this.redis !== null) await stopProcess(this.redis, 'SIGTERM', 5_000);
    this.release();
    rmSync(this.redisFolder, { recursive: true, force: true });
  }
}
