import { chownSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CHECKOUT } from '../checkout.js';
import { signalTrees } from '../processes/process-tree.js';
import { type ServerProcess, startProcess } from '../processes/server-process.js';
import { findPostgresPrograms, findProgram } from './find-program.js';
import { prepareFiles } from './postgres-home.js';
import { isPostgres, passwordIn, DURABLE_SETTINGS, POSTGRES_USER } from './postgres-server.js';

export interface PatroniOptions {
  readonly name: string;
  /** Folder for the server's files; see `prepareFiles` for where they really are. */
  readonly dataDir: string;
  /** Of PostgreSQL's superuser; replication has the same one. Mode 0600. */
  readonly passwordFile: string;
  readonly port: number;
  /** Of Patroni's own interface. */
  readonly apiPort: number;
  readonly etcdPorts: readonly number[];
  readonly logFile: string;
}

/**
 * Seconds. The primary's lease runs out `ttl` after it was last heard of, so a primary that dies with its Patroni is replaced within
 * about seven seconds. Patroni from 3.1 on takes no `ttl` below 20.
 */
const TIMES = { ttl: 5, loop_wait: 1, retry_timeout: 2 };

/** Patroni with the gap closed through which a former primary could come back. */
const FENCED_PATRONI = join(CHECKOUT, 'deploy', 'ha', 'patroni-fenced.py');

const REPLICATION_USER = 'replicator';

/** Path of the installed Patroni, or null. */
export const findPatroni = (): string | null => findProgram(['patroni']);

/**
 * One PostgreSQL under Patroni, on the loopback. Its signals reach both and all of PostgreSQL's processes, as when a machine dies or
 * freezes; only SIGTERM and SIGINT go to Patroni alone, which then stops PostgreSQL in order and hands over.
 */
export async function launchPatroni(program: string, options: PatroniOptions): Promise<ServerProcess> {
  const { files, user } = prepareFiles(options.dataDir);
  const cluster = join(files, 'cluster');
  const own = (name: string, text: string): string => {
    const file = join(files, name);
    rmSync(file, { force: true });
    writeFileSync(file, text, { mode: 0o600, flag: 'wx' });
    if (user !== undefined) chownSync(file, user.uid, user.gid);
    return file;
  };
  const config = own('patroni.json', JSON.stringify(configOf(options, files), null, 2));
  // A copy, since the server's user may not reach the checkout.
  const script = own('patroni-fenced.py', readFileSync(FENCED_PATRONI, 'utf8'));
  const server = await startProcess({
    command: interpreterOf(program),
    args: [script, config],
    cwd: files,
    environment: { PATH: process.env['PATH'], LC_ALL: 'C.UTF-8', TZ: 'UTC', HOME: files },
    logFile: options.logFile,
    ...(user === undefined ? {} : { user }),
  });
  return {
    ...server,
    signal: (signal) => {
      if (signal === 'SIGTERM' || signal === 'SIGINT') return server.signal(signal);
      const postmaster = postmasterOf(cluster);
      const roots = [...(server.hasEnded() ? [] : [server.pid]), ...(postmaster === null ? [] : [postmaster])];
      return signalTrees(roots, signal);
    },
  };
}

/** Ends a PostgreSQL whose Patroni was killed alone. Nothing happens where there is none. */
export function endOrphan(dataDir: string): void {
  if (!existsSync(dataDir)) return;
  const postmaster = postmasterOf(join(prepareFiles(dataDir).files, 'cluster'));
  if (postmaster !== null) signalTrees([postmaster], 'SIGKILL');
}

/** The Python that has Patroni, from the first line of its program. */
function interpreterOf(program: string): string {
  return /^#!\s*(\S+)\s*$/m.exec(readFileSync(program, 'utf8'))?.[1] ?? 'python3';
}

function postmasterOf(cluster: string): number | null {
  const pidFile = join(cluster, 'postmaster.pid');
  if (!existsSync(pidFile)) return null;
  const pid = Number(readFileSync(pidFile, 'utf8').split('\n')[0]);
  return isPostgres(pid, cluster) ? pid : null;
}

/** Patroni reads YAML, of which JSON is a part. */
function configOf(options: PatroniOptions, files: string): object {
  const { name, port, apiPort, etcdPorts } = options;
  const password = passwordIn(options.passwordFile);
  return {
    scope: 'cashpoint',
    name,
    restapi: { listen: `127.0.0.1:${apiPort}`, connect_address: `127.0.0.1:${apiPort}` },
    etcd3: { hosts: etcdPorts.map((etcd) => `127.0.0.1:${etcd}`) },
    bootstrap: {
      dcs: {
        ...TIMES,
        // The lease decides, also over whether a crashed primary is worth waiting for.
        primary_start_timeout: 0,
        // A commit is answered once the standby has it; without a standby the primary goes on alone, and nobody else may take over.
        synchronous_mode: true,
        // Losing all of etcd does not stop a primary that still reaches its standby.
        failsafe_mode: true,
        postgresql: { use_pg_rewind: true, use_slots: true, parameters: SHARED_SETTINGS },
      },
      initdb: ['data-checksums', { encoding: 'UTF8' }, { locale: 'C.UTF-8' }],
    },
    postgresql: {
      listen: `127.0.0.1:${port}`,
      connect_address: `127.0.0.1:${port}`,
      data_dir: join(files, 'cluster'),
      bin_dir: findPostgresPrograms(),
      pgpass: join(files, 'pgpass'),
      // The default spreads the checkpoint that a copy begins with over minutes.
      basebackup: [{ checkpoint: 'fast' }],
      authentication: {
        superuser: { username: POSTGRES_USER, password },
        replication: { username: REPLICATION_USER, password },
      },
      pg_hba: [
        'host all all 127.0.0.1/32 scram-sha-256',
        `host replication ${REPLICATION_USER} 127.0.0.1/32 scram-sha-256`,
      ],
      parameters: { unix_socket_directories: '' },
    },
  };
}

/** What both servers have: the single one's settings, and what standbys need. */
const SHARED_SETTINGS = {
  ...DURABLE_SETTINGS,
  wal_log_hints: 'on',
  wal_keep_size: '512MB',
  wal_receiver_timeout: '5s',
};
