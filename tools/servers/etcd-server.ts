import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type ServerProcess, startProcess } from '../processes/server-process.js';
import { findProgram } from './find-program.js';

/** One of the members of an etcd cluster on this machine. */
export interface EtcdOptions {
  readonly name: string;
  /** On the loopback. */
  readonly clientPort: number;
  /** Names of all members, this one included. */
  readonly members: readonly string[];
  /** Where each member has a folder and a socket of its own. */
  readonly folder: string;
  readonly logFile: string;
}

const ANSWER_MS_MAX = 2_000;

/** Path of the installed etcd, or null. */
export const findEtcd = (): string | null => findProgram(['etcd']);

const local = (port: number): string => `http://127.0.0.1:${port}`;

/**
 * A socket in the folder. Members find each other again by the addresses that they keep in their data, so ports that are drawn at every
 * start would not do. The port is for etcd's parser only.
 */
const peer = (name: string): string => `unix://${name}:0`;

export function launchEtcd(program: string, options: EtcdOptions): Promise<ServerProcess> {
  const { name, clientPort, members, folder } = options;
  const dataDir = join(folder, name);
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const settings = {
    name,
    'data-dir': dataDir,
    'listen-client-urls': local(clientPort),
    'advertise-client-urls': local(clientPort),
    'listen-peer-urls': peer(name),
    'initial-advertise-peer-urls': peer(name),
    'initial-cluster': members.map((member) => `${member}=${peer(member)}`).join(','),
    'initial-cluster-state': 'new',
    'heartbeat-interval': '100',
    'election-timeout': '1000',
    // What Patroni keeps is small; its past is of no interest.
    'auto-compaction-retention': '1h',
    'snapshot-count': '10000',
  };
  return startProcess({
    command: program,
    args: Object.entries(settings).map(([option, value]) => `--${option}=${value}`),
    cwd: folder,
    environment: { PATH: process.env['PATH'] },
    logFile: options.logFile,
  });
}

/** Resolves where the member answers and its cluster has a leader. */
export async function pingEtcd(clientPort: number): Promise<void> {
  const answer = await fetch(`${local(clientPort)}/health`, { signal: AbortSignal.timeout(ANSWER_MS_MAX) });
  if (!answer.ok) throw new Error(`etcd answers ${answer.status}: ${await answer.text()}`);
  await answer.arrayBuffer();
}
