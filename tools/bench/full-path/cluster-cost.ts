import pg from 'pg';
import type { RunningCluster } from '../../cluster/start-cluster.js';
import { cpuSeconds } from '../cpu-usage.js';

/** What the processes of one kind have used up over a measurement. */
export interface ClusterCost {
  /** Seconds of CPU by kind of process: gateway, atm-terminal, account, postgres, redis; null where the system does not tell. */
  readonly cpuSeconds: Readonly<Record<string, number>> | null;
  /** Transactions committed in each of the bank's databases. */
  readonly transactions: Readonly<Record<string, number>>;
  readonly seconds: number;
}

interface Reading {
  readonly at: number;
  readonly cpu: ReadonlyMap<string, number> | null;
  readonly transactions: ReadonlyMap<string, number>;
}

/** Begins a measurement; calling the result ends it. */
export async function measureCost(cluster: RunningCluster): Promise<() => Promise<ClusterCost>> {
  const before = await read(cluster);
  return async () => difference(before, await read(cluster));
}

function difference(before: Reading, after: Reading): ClusterCost {
  const less = (one: ReadonlyMap<string, number>, other: ReadonlyMap<string, number>) =>
    Object.fromEntries([...one].map(([key, value]) => [key, value - (other.get(key) ?? 0)]));
  return {
    seconds: (after.at - before.at) / 1_000,
    cpuSeconds: after.cpu === null || before.cpu === null ? null : less(after.cpu, before.cpu),
    transactions: less(after.transactions, before.transactions),
  };
}

async function read(cluster: RunningCluster): Promise<Reading> {
  const { gateways, replicas, channels, databases } = await cluster.status();
  const members = [...gateways, ...replicas, ...channels, ...databases].filter(({ pid }) => pid !== null);
  const seconds = cpuSeconds(members.map(({ pid }) => pid as number));
  const cpu = new Map<string, number>();
  for (const { kind, pid } of members) cpu.set(kind, (cpu.get(kind) ?? 0) + (seconds?.get(pid as number) ?? 0));
  return {
    at: performance.now(),
    cpu: seconds === null ? null : cpu,
    transactions: await transactions(cluster.databaseUrl('postgres')),
  };
}

async function transactions(adminUrl: string): Promise<Map<string, number>> {
  const client = new pg.Client({ connectionString: adminUrl });
  await client.connect();
  try {
    const { rows } = await client.query<{ datname: string; commits: number }>(
      `SELECT datname, xact_commit::float8 AS commits FROM pg_stat_database WHERE datname ~ '^(terminal|account_)'`,
    );
    return new Map(rows.map(({ datname, commits }) => [datname, commits]));
  } finally {
    await client.end();
  }
}
