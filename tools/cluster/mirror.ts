import { poolConfigOf } from '#database';
import pg from 'pg';
import { endOrphan, findPatroni, launchPatroni } from '../servers/patroni-server.js';
import { type EtcdMember, findEtcd, launchEtcd, pingEtcd } from '../servers/etcd-server.js';
import { findPostgresPrograms } from '../servers/find-program.js';
import { connectOnce, passwordIn, POSTGRES_USER, postgresUrl } from '../servers/postgres-server.js';
import { Refusal } from '../refusal.js';
import type { DataFolder } from './data-folder.js';
import type { Databases } from './database.js';
import type { MemberPlan } from './member.js';

/** Two: a primary and its synchronous standby. */
export const MIRROR_NAMES = ['postgres-1', 'postgres-2'] as const;

/** Three, so that any one may die. */
const ETCD_NAMES = ['etcd-1', 'etcd-2', 'etcd-3'] as const;

const MIRRORED_MS_MAX = 60_000;
const POLL_MS = 100;

/** Throws `Refusal` with what to install where something is missing. */
export function checkMirrorPrograms(): void {
  const missing = missingMirrorPrograms();
  if (missing.length === 0) return;
  throw new Refusal(
    `--ha needs ${missing.join(', ')}; on Debian: sudo apt-get install --no-install-recommends patroni etcd-server postgresql`,
  );
}

/** Names of what a mirrored database needs and this machine has not. */
export function missingMirrorPrograms(): string[] {
  return [
    ...(findPatroni() === null ? ['patroni'] : []),
    ...(findEtcd() === null ? ['etcd'] : []),
    ...(findPostgresPrograms() === null ? ['postgresql'] : []),
  ];
}

/** A PostgreSQL primary and its synchronous standby under Patroni, and the three etcd that hold their lease. */
export async function mirroredServers(
  folder: DataFolder,
  claimPort: (name: string) => Promise<number>,
): Promise<Databases> {
  checkMirrorPrograms();
  const etcd: EtcdMember[] = [];
  for (const name of ETCD_NAMES) {
    etcd.push({ name, clientPort: await claimPort(name), peerPort: await claimPort(`${name} peer`) });
  }
  const etcdPorts = etcd.map(({ clientPort }) => clientPort);
  const servers = [];
  for (const name of MIRROR_NAMES) {
    servers.push({ name, port: await claimPort(name), apiPort: await claimPort(`${name} api`), etcdPorts });
  }
  const hosts = servers.map(({ port }) => `127.0.0.1:${port}`).join(',');
  const url = (database: string) =>
    `postgres://${POSTGRES_USER}:${passwordIn(folder.postgresPassword)}@${hosts}/${database}`;
  return {
    steps: [etcd.map((member) => etcdPlan(member, etcd, folder)), servers.map((server) => patroniPlan(server, folder))],
    url,
    ready: () => untilMirrored(url('postgres')),
  };
}

function etcdPlan(member: EtcdMember, members: readonly EtcdMember[], folder: DataFolder): MemberPlan {
  const { name, clientPort } = member;
  const logFile = folder.log(name);
  return {
    section: 'databases',
    name,
    kind: 'etcd',
    role: 'witness',
    url: `http://127.0.0.1:${clientPort}`,
    logFile,
    stopSignal: 'SIGTERM',
    launch: () => launchEtcd(findEtcd() ?? 'etcd', { ...member, members, dataDir: folder.etcdFolder(name), logFile }),
    probe: () => pingEtcd(clientPort),
  };
}

function patroniPlan(
  server: { name: string; port: number; apiPort: number; etcdPorts: readonly number[] },
  folder: DataFolder,
): MemberPlan {
  const logFile = folder.log(server.name);
  const { port } = server;
  const files = { dataDir: folder.mirrorFolder(server.name), passwordFile: folder.postgresPassword, logFile };
  return {
    section: 'databases',
    name: server.name,
    kind: 'postgres',
    // Whoever is asked knows better.
    role: 'unknown',
    url: `postgres://127.0.0.1:${port}`,
    logFile,
    // Patroni stops PostgreSQL in order, and gives up the lease.
    stopSignal: 'SIGTERM',
    launch: () => launchPatroni(findPatroni() ?? 'patroni', { ...server, ...files }),
    probe: async () => void (await connectOnce(postgresUrl({ ...files, port })('postgres'))),
  };
}

/** Ends what a Patroni that was killed alone has left running. */
export function endMirrorOrphans(folder: DataFolder): void {
  for (const name of MIRROR_NAMES) endOrphan(folder.mirrorFolder(name));
}

/** Resolves when the primary has a synchronous standby: from now on nothing acknowledged can be lost with one of them. */
export async function untilMirrored(url: string): Promise<void> {
  const pool = new pg.Pool({ ...poolConfigOf(url), max: 1 });
  pool.on('error', () => undefined);
  const deadline = Date.now() + MIRRORED_MS_MAX;
  try {
    while (!(await hasSynchronousStandby(pool))) {
      if (Date.now() > deadline) throw new Refusal(`the standby has not caught up within ${MIRRORED_MS_MAX / 1_000} s`);
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  } finally {
    await pool.end();
  }
}

async function hasSynchronousStandby(pool: pg.Pool): Promise<boolean> {
  try {
    const { rowCount } = await pool.query(`SELECT FROM pg_stat_replication WHERE sync_state = 'sync'`);
    return rowCount !== 0;
  } catch {
    return false;
  }
}
