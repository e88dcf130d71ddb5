import { Redis } from 'ioredis';
import pg from 'pg';
import type { RunningCluster } from '../../cluster/start-cluster.js';
import { cpuSeconds, postgresSeconds } from '../cpu-usage.js';

/** What one withdrawal costs, on an average over a measurement. */
export interface WithdrawalCost {
  /**
   * µs of CPU by kind of process: gateway, atm-terminal, account, redis, and of PostgreSQL those of each database's connections and of
   * what serves all of them. Null where the system does not tell.
   */
  readonly cpuUs: Readonly<Record<string, number>> | null;
  /** Transactions committed, by database. */
  readonly transactions: Readonly<Record<string, number>>;
  /** That the databases' files grew, by database. */
  readonly storedBytes: Readonly<Record<string, number>>;
  /** Of the server, for all databases. */
  readonly walBytes: number;
  /** Commands of all channels on Redis, and bytes to and from them. */
  readonly redisCommands: number;
  readonly redisBytes: number;
}

/** Counters that only grow, by name; what a measurement costs is their difference. */
type Counters = Readonly<Record<keyof WithdrawalCost, ReadonlyMap<string, number>>>;

/** Begins a measurement; calling the result with the number of withdrawals ends it. */
export async function measureCost(cluster: RunningCluster): Promise<(withdrawals: number) => Promise<WithdrawalCost>> {
  const before = await read(cluster);
  return async (withdrawals) => {
    const after = await read(cluster);
    const each = (what: keyof WithdrawalCost, unit = 1) =>
      Object.fromEntries(
        [...after[what]].map(([name, count]) => [name, ((count - (before[what].get(name) ?? 0)) * unit) / withdrawals]),
      );
    const all = (what: keyof WithdrawalCost) => Object.values(each(what)).reduce((sum, one) => sum + one, 0);
    return {
      cpuUs: after.cpuUs.size === 0 ? null : each('cpuUs', 1e6),
      transactions: each('transactions'),
      storedBytes: each('storedBytes'),
      walBytes: all('walBytes'),
      redisCommands: all('redisCommands'),
      redisBytes: all('redisBytes'),
    };
  };
}

async function read(cluster: RunningCluster): Promise<Counters> {
  const { gateways, replicas, channels, databases } = await cluster.status();
  const cpuUs = new Map<string, number>();
  const add = (kind: string, seconds: number) => cpuUs.set(kind, (cpuUs.get(kind) ?? 0) + seconds);
  const processes = [...gateways, ...replicas, ...channels].flatMap(({ kind, pid }) =>
    pid === null ? [] : [{ kind, pid }],
  );
  const seconds = cpuSeconds(processes.map(({ pid }) => pid));
  if (seconds !== null) {
    for (const { kind, pid } of processes) add(kind, seconds.get(pid) ?? 0);
    for (const { pid } of databases) {
      for (const [database, used] of pid === null ? [] : postgresSeconds(pid)) add(`postgres ${database}`, used);
    }
  }
  const redis = await Promise.all(channels.filter(({ kind }) => kind === 'redis').map(({ url }) => redisCounters(url)));
  const ofRedis = (name: 'commands' | 'bytes') =>
    new Map(redis.map((counted, index) => [String(index), counted[name]]));
  const databaseCounters = await countersOf(cluster.databaseUrl('postgres'));
  return { cpuUs, ...databaseCounters, redisCommands: ofRedis('commands'), redisBytes: ofRedis('bytes') };
}

async function countersOf(adminUrl: string): Promise<Pick<Counters, 'transactions' | 'storedBytes' | 'walBytes'>> {
  const client = new pg.Client({ connectionString: adminUrl });
  await client.connect();
  try {
    const { rows } = await client.query<{ datname: string; commits: number; bytes: number; wal: number }>(
      `SELECT datname, xact_commit::float8 AS commits, pg_database_size(datname)::float8 AS bytes,
              (pg_current_wal_lsn() - '0/0')::float8 AS wal
         FROM pg_stat_database WHERE datname ~ '^(terminal|account_)'`,
    );
    const by = (name: 'commits' | 'bytes') => new Map(rows.map((row) => [row.datname, row[name]]));
    return {
      transactions: by('commits'),
      storedBytes: by('bytes'),
      walBytes: new Map([['server', rows[0]?.wal ?? 0]]),
    };
  } finally {
    await client.end();
  }
}

async function redisCounters(url: string): Promise<{ commands: number; bytes: number }> {
  const redis = new Redis(url, { maxRetriesPerRequest: 1 });
  redis.on('error', () => undefined);
  try {
    const stats = await redis.info('stats');
    const counter = (name: string) => Number(new RegExp(`^${name}:(\\d+)`, 'm').exec(stats)?.[1] ?? 0);
    return {
      commands: counter('total_commands_processed'),
      bytes: counter('total_net_input_bytes') + counter('total_net_output_bytes'),
    };
  } finally {
    redis.disconnect();
  }
}
