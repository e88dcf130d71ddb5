import { mkdirSync } from 'node:fs';
import { type ServerProcess, startProcess } from '../processes/server-process.js';
import { findProgram } from './find-program.js';

/** One of the members of an etcd cluster on the loopback. */
export interface EtcdMember {
  readonly name: string;
  readonly clientPort: number;
  readonly peerPort: number;
}

export interface EtcdOptions extends EtcdMember {
  /** All members, this one included. */
  readonly members: readonly EtcdMember[];
  readonly dataDir: string;
  readonly logFile: string;
}

const ANSWER_MS_MAX = 2_000;

/** Path of the installed etcd, or null. */
export const findEtcd = (): string | null => findProgram(['etcd']);

const local = (port: number): string => `http://127.0.0.1:${port}`;

export function launchEtcd(program: string, options: EtcdOptions): Promise<ServerProcess> {
  const { name, clientPort, peerPort, members, dataDir } = options;
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const settings = {
    name,
    'data-dir': dataDir,
    'listen-client-urls': local(clientPort),
    'advertise-client-urls': local(clientPort),
    'listen-peer-urls': local(peerPort),
    'initial-advertise-peer-urls': local(peerPort),
    'initial-cluster': members.map((member) => `${member.name}=${local(member.peerPort)}`).join(','),
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
    cwd: dataDir,
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
