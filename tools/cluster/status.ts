import { isRunning } from '../processes/identity.js';
import { pingEtcd } from '../servers/etcd-server.js';
import { connectOnce, postgresUrl } from '../servers/postgres-server.js';
import { ping } from '../servers/redis-server.js';
import { type MemberRecord, type MemberState, readRecord, type Section, SECTIONS } from './cluster-record.js';
import type { DataFolder } from './data-folder.js';
import { probeReady } from './replica.js';

/** One line of `status`. */
export interface MemberStatus {
  readonly name: string;
  readonly kind: string;
  readonly url: string;
  readonly pid: number | null;
  readonly state: MemberState;
  readonly role: string;
  /** What it died of last, where it did so by itself. */
  readonly lastError: string | null;
}

export type ClusterStatus = Readonly<Record<Section, readonly MemberStatus[]>>;

/** How the members stand now: who is said to be up is asked. Needs no supervisor. */
export async function statusOf(folder: DataFolder): Promise<ClusterStatus> {
  const members = readRecord(folder.record)?.members ?? [];
  const lines = await Promise.all(
    members.map(async (member) => ({ section: member.section, line: await lineOf(member, folder) })),
  );
  const sections = SECTIONS.map((section) => [
    section,
    lines.filter((found) => found.section === section).map(({ line }) => line),
  ]);
  return Object.fromEntries(sections) as ClusterStatus;
}

async function lineOf(member: MemberRecord, folder: DataFolder): Promise<MemberStatus> {
  const { name, kind, url, lastError } = member;
  const running = member.process !== null && isRunning(member.process);
  const { state, role } = await stateOf(member, running, folder);
  return { name, kind, url, pid: running ? (member.process?.pid ?? null) : null, state, role, lastError };
}

async function stateOf(
  member: MemberRecord,
  running: boolean,
  folder: DataFolder,
): Promise<Pick<MemberStatus, 'state' | 'role'>> {
  const { role } = member;
  if (member.state !== 'up') return { state: member.state, role };
  if (!running) return { state: 'down', role };
  try {
    return { state: 'up', role: (await probe(member, folder)) ?? role };
  } catch {
    return { state: 'unready', role };
  }
}

/** Resolves where the member is ready, with its role where that changes. */
async function probe({ kind, url }: MemberRecord, folder: DataFolder): Promise<string | void> {
  const port = Number(new URL(url).port);
  if (kind === 'redis') return ping(port);
  if (kind === 'etcd') return pingEtcd(port);
  if (kind === 'postgres') return connectOnce(postgresUrl({ passwordFile: folder.postgresPassword, port })('postgres'));
  return probeReady(url);
}
