import { mkdirSync } from 'node:fs';
import { connect } from 'node:net';
import { type ServerProcess, startProcess, untilReady } from '../processes/server-process.js';
import { findProgram } from './find-program.js';

/** Either will do: Valkey is the free continuation of Redis and speaks the same protocol. */
const PROGRAMS = ['redis-server', 'valkey-server'];

const READY_MS_MAX = 10_000;

export interface RedisOptions {
  readonly dataDir: string;
  readonly port: number;
  readonly logFile: string;
}

export interface RedisServer extends ServerProcess {
  readonly url: string;
}

/** Path of the installed Redis or Valkey, or null. */
export function findRedis(path?: string): string | null {
  return findProgram(PROGRAMS, path);
}

/** Starts a Redis and waits until it answers. */
export async function startRedis(program: string, options: RedisOptions): Promise<RedisServer> {
  const server = await launchRedis(program, options);
  await untilReady('redis', server, options.logFile, READY_MS_MAX, () => ping(options.port));
  return { ...server, url: `redis://127.0.0.1:${options.port}` };
}

/** A Redis on the loopback that queues can live in: nothing is evicted, and a restart loses at most a second. */
export async function launchRedis(program: string, options: RedisOptions): Promise<ServerProcess> {
  mkdirSync(options.dataDir, { recursive: true, mode: 0o700 });
  const settings = {
    port: String(options.port),
    bind: '127.0.0.1',
    dir: options.dataDir,
    daemonize: 'no',
    save: '',
    appendonly: 'yes',
    appendfsync: 'everysec',
    // Wakes twice a second when idle, not ten times; blocked clients' waits end up to half a second late, which only who is told nothing notices.
    hz: '2',
    // BullMQ must never find a job half evicted.
    'maxmemory-policy': 'noeviction',
  };
  return startProcess({
    command: program,
    args: Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]),
    cwd: options.dataDir,
    environment: process.env,
    logFile: options.logFile,
  });
}

/** Resolves where the server answers; a Redis that is still loading its file answers with an error. */
export function ping(port: number, timeoutMs = 1_000): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write('PING\r\n'));
    const fail = (error: Error) => {
      socket.destroy();
      reject(error);
    };
    socket.setTimeout(timeoutMs, () => fail(new Error('no answer to PING')));
    socket.once('error', fail);
    socket.once('data', (answer) => {
      if (!answer.toString().startsWith('+PONG')) return fail(new Error(answer.toString().trim()));
      socket.destroy();
      resolve();
    });
  });
}
