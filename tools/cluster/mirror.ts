import { endOrphan, findPatroni, launchPatroni, type PatroniOptions } from '../servers/patroni-server.js';
import { findEtcd, launchEtcd, pingEtcd } from '../servers/etcd-server.js';
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
const API_MS_MAX = 2_000;

/** Throws `Refusal` with what to install where something is missing. */
export function checkMirrorPrograms(): void {
  const missing = missingMirrorPrograms();
  if (missing.length === 0) return;
  throw new Refusal(
    `--ha needs ${missing.join(', ')}; on Debian: sudo apt-get install --no-install-recommends patroni python3-etcd etcd-server postgresql`,
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
  const etcdPorts: number[] = [];
  for (const name of ETCD_NAMES) etcdPorts.push(await claimPort(name));
  const servers: PatroniServer[] = [];
  for (const name of MIRROR_NAMES) {
    servers.push({ name, port: await claimPort(name), apiPort: await claimPort(`${name} api`), etcdPorts });
  }
  const hosts = servers.map(({ port }) => `127.0.0.1:${port}`).join(',');
  const url = (database: string) =>
    `postgres://${POSTGRES_USER}:${passwordIn(folder.postgresPassword)}@${hosts}/${database}`;
  return {
    steps: [
      ETCD_NAMES.map((name, at) => etcdPlan(name, etcdPorts[at] as number, folder)),
      servers.map((server) => patroniPlan(server, folder)),
    ],
    url,
    ready: () => untilMirrored(servers.map(({ apiPort }) => apiPort)),
  };
}

type PatroniServer = Pick<PatroniOptions, 'name' | 'port' | 'apiPort' | 'etcdPorts'>;

function etcdPlan(name: string, clientPort: number, folder: DataFolder): MemberPlan {
  const logFile = folder.log(name);
  return {
    section: 'databases',
    name,
    kind: 'etcd',
    role: 'witness',
    url: `http://127.0.0.1:${clientPort}`,
    logFile,
    // It is written to survive this; in order it would wait seconds to hand over to others that stop as well.
    stopSignal: 'SIGKILL',
    launch: () =>
      launchEtcd(findEtcd() ?? 'etcd', { name, clientPort, members: ETCD_NAMES, folder: folder.etcd, logFile }),
    probe: () => pingEtcd(clientPort),
  };
}

function patroniPlan(server: PatroniServer, folder: DataFolder): MemberPlan {
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

/** The part of Patroni's `GET /cluster` that is used. */
interface PatroniCluster {
  readonly members?: readonly { readonly role: string; readonly state: string }[];
}

/**
 * Resolves when etcd knows the standby as synchronous: from now on nothing acknowledged can be lost with one of the two, and
 * the standby may take over. (PostgreSQL itself says so a little earlier.)
 */
async function untilMirrored(apiPorts: readonly number[]): Promise<void> {
  const deadline = Date.now() + MIRRORED_MS_MAX;
  while (!(await Promise.all(apiPorts.map(hasSynchronousStandby))).includes(true)) {
    if (Date.now() > deadline) throw new Refusal(`the standby has not caught up within ${MIRRORED_MS_MAX / 1_000} s`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

async function hasSynchronousStandby(apiPort: number): Promise<boolean> {
  try {
    const url = `http://127.0.0.1:${apiPort}/cluster`;
    const answer = await fetch(url, { signal: AbortSignal.timeout(API_MS_MAX) });
    const { members = [] } = (await answer.json()) as PatroniCluster;
    return members.some(({ role, state }) => role === 'sync_standby' && (state === 'running' || state === 'streaming'));
  } catch {
    return false;
  }
}
