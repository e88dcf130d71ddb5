import { Redis } from 'ioredis';
import pg from 'pg';

/** Settings as a running server says them. */
export interface ServerSettings {
  readonly server: string;
  readonly settings: Readonly<Record<string, string>>;
  /** Those that would let an acknowledged write be lost, in words; empty where it is durable. */
  readonly notDurable: readonly string[];
}

const POSTGRES_SETTINGS = [
  ...['fsync', 'synchronous_commit', 'full_page_writes', 'wal_sync_method'],
  ...['wal_compression', 'shared_buffers', 'max_wal_size'],
] as const;
const POSTGRES_DURABLE: Readonly<Record<string, string>> = {
  fsync: 'on',
  synchronous_commit: 'on',
  full_page_writes: 'on',
};

const REDIS_SETTINGS = ['appendonly', 'appendfsync'] as const;

/**
 * When Redis flushes its file: before it answers, or once a second. What is kept nowhere else needs the first; of what Cashpoint puts on a channel the
 * database has everything until it is answered (`loseRedis` shows it).
 */
export type RedisFlush = 'always' | 'everysec';

export async function settingsOfPostgres(url: string): Promise<ServerSettings> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query<{ name: string; setting: string }>(
      `SELECT name, current_setting(name) AS setting FROM unnest($1::text[]) AS name`,
      [['server_version', ...POSTGRES_SETTINGS]],
    );
    const { server_version: version = '', ...settings } = Object.fromEntries(
      rows.map(({ name, setting }) => [name, setting]),
    );
    return describe(`PostgreSQL ${version.split(' ')[0] ?? ''}`, settings, POSTGRES_DURABLE);
  } finally {
    await client.end();
  }
}

export async function settingsOfRedis(url: string): Promise<ServerSettings> {
  return withRedis(url, async (redis) => {
    const version = /redis_version:(\S+)/.exec(await redis.info('server'))?.[1] ?? '';
    const settings = await Promise.all(REDIS_SETTINGS.map(async (name) => [name, await setting(redis, name)] as const));
    return describe(`Redis ${version}`, Object.fromEntries(settings), { appendonly: 'yes' });
  });
}

/** Throws where the server does not say that it does so from now on. */
export async function setRedisFlush(url: string, flush: RedisFlush): Promise<void> {
  await withRedis(url, async (redis) => {
    await redis.config('SET', 'appendfsync', flush);
    const read = await setting(redis, 'appendfsync');
    if (read !== flush) throw new Error(`Redis flushes ${read} and not ${flush}`);
  });
}

async function withRedis<Result>(url: string, work: (redis: Redis) => Promise<Result>): Promise<Result> {
  const redis = new Redis(url, { maxRetriesPerRequest: 1 });
  redis.on('error', () => undefined);
  try {
    return await work(redis);
  } finally {
    redis.disconnect();
  }
}

const setting = async (redis: Redis, name: string): Promise<string> =>
  ((await redis.config('GET', name)) as readonly string[])[1] ?? '';

function describe(
  server: string,
  settings: Readonly<Record<string, string>>,
  durable: Readonly<Record<string, string>>,
): ServerSettings {
  const notDurable = Object.entries(durable)
    .filter(([name, wanted]) => settings[name] !== wanted)
    .map(([name, wanted]) => `${server}: ${name} is ${settings[name] ?? 'unknown'} and not ${wanted}`);
  return { server, settings, notDurable };
}
