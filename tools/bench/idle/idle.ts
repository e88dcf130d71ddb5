import pg from 'pg';
import type { RunningCluster } from '../../cluster/start-cluster.js';
import { cpuSeconds } from '../cpu-usage.js';
import { memoryBytes } from './memory.js';

/** What one process (with its children) uses while nobody asks for anything. */
export interface IdleProcess {
  readonly name: string;
  readonly kind: string;
  /** Of one core, 0 to 1; null where the system does not tell. */
  readonly cpuShare: number | null;
  /** Memory of its own and its part of what it shares; null where the system does not tell. */
  readonly memoryBytes: number | null;
}

/** What the replicas of one kind ask of their database while nobody asks for anything. */
export interface IdleTransactions {
  readonly database: string;
  readonly replicas: number;
  readonly perSecondAndReplica: number;
}

export interface IdleCost {
  readonly seconds: number;
  readonly processes: readonly IdleProcess[];
  /** All processes together, of one core; null where the system does not tell. */
  readonly cpuShare: number | null;
  readonly transactions: readonly IdleTransactions[];
}

interface Member {
  readonly name: string;
  readonly kind: string;
  readonly pid: number;
}

/** What the cluster costs by itself over `seconds`; nobody must ask it for anything meanwhile. */
export async function measureIdle(cluster: RunningCluster, seconds: number): Promise<IdleCost> {
  const members = await membersOf(cluster);
  const before = await read(cluster, members);
  await new Promise((resolve) => setTimeout(resolve, seconds * 1_000));
  const after = await read(cluster, members);
  const elapsed = (after.at - before.at) / 1_000;
  const processes = members.map(({ name, kind, pid }) => {
    const used =
      after.cpu === null || before.cpu === null ? null : secondsOf(after.cpu, pid) - secondsOf(before.cpu, pid);
    return { name, kind, cpuShare: used === null ? null : used / elapsed, memoryBytes: memoryBytes(pid) };
  });
  return {
    seconds: elapsed,
    processes,
    cpuShare: processes.reduce<number | null>(
      (sum, { cpuShare }) => (sum === null || cpuShare === null ? null : sum + cpuShare),
      0,
    ),
    transactions: [...after.transactions].map(([database, commits]) => {
      const replicas = members.filter(({ kind }) => kind === appOf(database)).length;
      const perSecond = (commits - (before.transactions.get(database) ?? 0)) / elapsed;
      return { database, replicas, perSecondAndReplica: perSecond / Math.max(1, replicas) };
    }),
  };
}

const secondsOf = (seconds: ReadonlyMap<number, number>, pid: number) => seconds.get(pid) ?? 0;

const appOf = (database: string) => (database === 'terminal' ? 'atm-terminal' : 'account');

async function membersOf(cluster: RunningCluster): Promise<Member[]> {
  const { gateways, replicas, channels, databases } = await cluster.status();
  return [...gateways, ...replicas, ...channels, ...databases].flatMap(({ name, kind, pid }) =>
    pid === null ? [] : [{ name, kind, pid }],
  );
}

async function read(cluster: RunningCluster, members: readonly Member[]) {
  const transactions = await commits(cluster.databaseUrl('postgres'));
  return { at: performance.now(), cpu: cpuSeconds(members.map(({ pid }) => pid)), transactions };
}

/** PostgreSQL counts a session's transactions with a delay of a second or so; over half a minute that does not matter. */
async function commits(adminUrl: string): Promise<Map<string, number>> {
  const client = new pg.Client({ connectionString: adminUrl });
  await client.connect();
  try {
    const { rows } = await client.query<{ datname: string; commits: number }>(
      `SELECT datname, (xact_commit + xact_rollback)::float8 AS commits FROM pg_stat_database
        WHERE datname ~ '^(terminal|account_[a-z])$' ORDER BY datname`,
    );
    return new Map(rows.map((row) => [row.datname, row.commits]));
  } finally {
    await client.end();
  }
}
