import { randomBytes } from 'node:crypto';
import { execFile, spawnSync } from 'node:child_process';
import {
  closeSync,
  existsSync,
  fchownSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { poolConfigOf } from '#database';
import { preparePostgresHome, type PostgresHome } from './postgres-home.js';
import { type ServerProcess, startProcess, stopProcess, untilReady } from '../processes/server-process.js';

export const POSTGRES_USER = 'cashpoint';
const READY_MS_MAX = 30_000;
const STOP_MS_MAX = 10_000;

/** Durable, as a bank needs it, and sized for a laptop with a dozen replicas. */
export const DURABLE_SETTINGS: Readonly<Record<string, string>> = {
  fsync: 'on',
  synchronous_commit: 'on',
  full_page_writes: 'on',
  wal_compression: 'on',
  max_wal_size: '2GB',
  shared_buffers: '256MB',
  max_connections: '300',
  // While somebody's forgotten transaction is open no version of any row can be cleaned up, and rows that change often become slow to find.
  idle_in_transaction_session_timeout: '30s',
  // No request's plan asks for statistics, and sampling tables that grow is most of what looking after them costs.
  default_statistics_target: '10',
};

const SETTINGS: Readonly<Record<string, string>> = {
  ...DURABLE_SETTINGS,
  listen_addresses: '127.0.0.1',
  // Socket files would need a folder that both users reach; everything speaks TCP.
  unix_socket_directories: '',
};

export interface PostgresOptions {
  /** Folder for the server's files; see `preparePostgresHome` for where they really are. */
  readonly dataDir: string;
  /** Holds the generated password, mode 0600; not inside `dataDir`, which is the server's user's. */
  readonly passwordFile: string;
  readonly port: number;
  readonly logFile: string;
  /** Server settings beside, or instead of, the usual ones. */
  readonly settings?: Readonly<Record<string, string>>;
}

export interface PostgresServer extends ServerProcess {
  /** Connection string of a database of this server. */
  readonly url: (database: string) => string;
}

/** Starts PostgreSQL and waits until it takes connections. */
export async function startPostgres(options: PostgresOptions): Promise<PostgresServer> {
  const server = await launchPostgres(options);
  const url = postgresUrl(options);
  try {
    await untilReady(
      'postgres',
      server,
      options.logFile,
      READY_MS_MAX,
      async () => void (await connectOnce(url('postgres'))),
    );
  } catch (error) {
    if (!server.hasEnded()) await stopPostgres(server);
    throw error;
  }
  return { ...server, url };
}

/** PostgreSQL on the loopback, after initdb where the folder is new. A crash before is recovered from. */
export async function launchPostgres(options: PostgresOptions): Promise<ServerProcess> {
  const home = preparePostgresHome(options.dataDir);
  const cluster = join(home.files, 'cluster');
  if (!existsSync(cluster)) await initialise(home, cluster, passwordIn(options.passwordFile));
  refuseSecondServer(cluster);
  const settings = { ...SETTINGS, ...options.settings, port: String(options.port) };
  return startProcess({
    command: join(home.programs, 'bin', 'postgres'),
    args: ['-D', cluster, ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])],
    cwd: home.files,
    environment: { PATH: process.env['PATH'], LC_ALL: 'C', TZ: 'UTC' },
    logFile: options.logFile,
    ...(home.user === undefined ? {} : { user: home.user }),
  });
}

/** Connection strings of the server's databases. */
export function postgresUrl(options: Pick<PostgresOptions, 'passwordFile' | 'port'>): (database: string) => string {
  const password = passwordIn(options.passwordFile);
  return (database) => `postgres://${POSTGRES_USER}:${password}@127.0.0.1:${options.port}/${database}`;
}

/** Resolves where the database takes a connection now, with the server's role. */
export async function connectOnce(url: string): Promise<'primary' | 'standby'> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2_000, query_timeout: 2_000 });
  client.on('error', () => undefined);
  await client.connect();
  try {
    const { rows } = await client.query<{ standby: boolean }>('SELECT pg_is_in_recovery() AS standby');
    return rows[0]?.standby === true ? 'standby' : 'primary';
  } finally {
    await client.end();
  }
}

/** Fast shutdown: sessions are ended, everything is written. */
export async function stopPostgres(server: ServerProcess): Promise<void> {
  await stopProcess(server, 'SIGINT', STOP_MS_MAX);
}

/** Creates those of the databases that are missing. */
export async function createDatabases(adminUrl: string, names: readonly string[]): Promise<void> {
  const client = new pg.Client(poolConfigOf(adminUrl));
  await client.connect();
  try {
    const found = await client.query<{ datname: string }>('SELECT datname FROM pg_database');
    const existing = new Set(found.rows.map(({ datname }) => datname));
    for (const name of names) {
      if (!existing.has(name)) await client.query(`CREATE DATABASE ${client.escapeIdentifier(name)}`);
    }
  } finally {
    await client.end();
  }
}

/** The password in the file, generated where there is none yet. */
export function passwordIn(file: string): string {
  if (!existsSync(file)) {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, randomBytes(24).toString('hex'), { mode: 0o600 });
  }
  return readFileSync(file, 'utf8');
}

/** Into a folder that gets its name only when it is complete, so that an interrupted initdb is simply repeated. */
async function initialise(home: PostgresHome, cluster: string, password: string): Promise<void> {
  const unfinished = `${cluster}.unfinished`;
  const passwordFile = join(home.files, 'initial-password');
  rmSync(unfinished, { recursive: true, force: true });
  rmSync(passwordFile, { force: true });
  writeFor(home, passwordFile, `${password}\n`);
  try {
    await promisify(execFile)(
      join(home.programs, 'bin', 'initdb'),
      [
        `--pgdata=${unfinished}`,
        `--username=${POSTGRES_USER}`,
        `--pwfile=${passwordFile}`,
        '--auth=scram-sha-256',
        '--encoding=UTF8',
        // The server's own locale: the same order of text on every machine, whatever its system has installed.
        '--locale=C',
        '--locale-provider=builtin',
        '--builtin-locale=C.UTF-8',
      ],
      { cwd: home.files, env: { PATH: process.env['PATH'], LC_ALL: 'C' }, ...home.user },
    );
  } finally {
    rmSync(passwordFile, { force: true });
  }
  renameSync(unfinished, cluster);
}

/** Never through a link: the folder belongs to a user who may not decide what root writes to. */
function writeFor(home: PostgresHome, file: string, text: string): void {
  const opened = openSync(file, 'wx', 0o600);
  try {
    if (home.user !== undefined) fchownSync(opened, home.user.uid, home.user.gid);
    writeSync(opened, text);
  } finally {
    closeSync(opened);
  }
}

/**
 * After a crash `postmaster.pid` is left behind. PostgreSQL goes by the number alone, and would refuse to start where the system
 * has given that number to another process since: then, and only then, the file is taken out of the way.
 */
function refuseSecondServer(cluster: string): void {
  const pidFile = join(cluster, 'postmaster.pid');
  if (!existsSync(pidFile)) return;
  const pid = Number(readFileSync(pidFile, 'utf8').split('\n')[0]);
  if (isPostgres(pid, cluster)) throw new Error(`a PostgreSQL (pid ${pid}) already runs on ${cluster}`);
  if (isAlive(pid)) rmSync(pidFile);
}

/** Whether that process is a PostgreSQL on the folder. */
export function isPostgres(pid: number, cluster: string): boolean {
  return spawnSync('ps', ['-ww', '-o', 'args=', '-p', String(pid)], { encoding: 'utf8' }).stdout.includes(cluster);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
