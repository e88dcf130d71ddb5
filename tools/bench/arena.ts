import type { Sizes } from '../cluster/sizes.js';
import type { RunningCluster } from '../cluster/start-cluster.js';
import { createDatabases } from '../servers/postgres-server.js';
import { prepareDatabaseLimit } from './database-limit.js';
import type { Place } from './delivery/contestant.js';
import { type ServerSettings, settingsOfPostgres, settingsOfRedis } from './environment/durability.js';
import { redisOf, startScratchCluster } from './scratch-cluster.js';
import { ScratchRedis } from './scratch-redis.js';

const LIMIT_DATABASE = 'database_limit';
const SOURCE_DATABASE = 'delivery_source';
const TARGET_DATABASE = 'delivery_target';

/** A bank, and beside it on the same PostgreSQL the databases of everything that it is compared with. */
export class Arena {
  private sizes: Sizes;

  private constructor(
    readonly cluster: RunningCluster,
    sizes: Sizes,
    private readonly redis: ScratchRedis | null,
  ) {
    this.sizes = sizes;
  }

  static async open(sizes: Sizes): Promise<Arena> {
    const cluster = await startScratchCluster(sizes);
    const arena = new Arena(cluster, sizes, await ScratchRedis.start());
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

  /** Read back from every server. */
  async settings(): Promise<ServerSettings[]> {
    const urls = [...(await redisOf(this.cluster)), ...(this.redis === null ? [] : [this.redis.url])];
    const redis = await Promise.all(urls.map(settingsOfRedis));
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
    await this.redis?.close();
  }
}
