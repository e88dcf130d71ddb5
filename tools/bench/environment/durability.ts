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
const REDIS_DURABLE: Readonly<Record<string, string>> = { appendonly: 'yes', appendfsync: 'always' };

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

/** Makes a running Redis flush its file before it answers, as a benchmark of what is durable must, and reads back what it then does. */
export async function makeRedisDurable(url: string): Promise<ServerSettings> {
  const redis = new Redis(url, { maxRetriesPerRequest: 1 });
  redis.on('error', () => undefined);
  try {
    await redis.config('SET', 'appendfsync', 'always');
    const version = /redis_version:(\S+)/.exec(await redis.info('server'))?.[1] ?? '';
    const read = async (name: string) =>
      [name, ((await redis.config('GET', name)) as readonly string[])[1] ?? ''] as const;
    const settings = Object.fromEntries(await Promise.all(REDIS_SETTINGS.map(read)));
    return describe(`Redis ${version}`, settings, REDIS_DURABLE);
  } finally {
    redis.disconnect();
  }
}

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
