import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../../tools/servers/free-port.js';
import { startPostgres, stopPostgres } from '../../tools/servers/postgres-server.js';
import { removePostgresHome } from '../../tools/servers/postgres-home.js';
import { findRedis, startRedis } from '../../tools/servers/redis-server.js';
import { lastLines } from '../../tools/processes/log-file.js';
import { stopProcess, type ServerProcess } from '../../tools/processes/server-process.js';

/**
 * `keep-server postgres|redis [FOLDER PORT]`: runs one server for as long as standard input is open, then stops it and
 * removes its folder if it made it. Standard input closes however the test run ends, so that nothing is ever left behind. Says
 * `{"url", "pid", "folder"}` when the server is ready, and ends when the server does.
 */
interface Kept {
  readonly server: ServerProcess;
  readonly url: string;
  readonly stop: () => Promise<void>;
}

async function keepPostgres(folder: string, port: number): Promise<Kept> {
  const server = await startPostgres({
    dataDir: join(folder, 'postgres'),
    passwordFile: join(folder, 'password'),
    port,
    logFile: join(folder, 'log'),
    // Tests crash processes, not machines: what the system has taken survives a crash of the server.
    settings: { fsync: 'off', shared_buffers: '64MB' },
  });
  const stop = async () => {
    await stopPostgres(server);
    removePostgresHome(join(folder, 'postgres'));
  };
  return { server, url: server.url('postgres'), stop };
}

async function keepRedis(folder: string, port: number): Promise<Kept> {
  const program = findRedis();
  if (program === null) throw new Error('neither redis-server nor valkey-server is on the PATH');
  const server = await startRedis(program, { dataDir: folder, port, logFile: join(folder, 'log') });
  return { server, url: server.url, stop: async () => void (await stopProcess(server, 'SIGTERM', 5_000)) };
}

const [kind, givenFolder, givenPort] = process.argv.slice(2);
const folder = givenFolder ?? mkdtempSync(join(tmpdir(), 'cashpoint-test-'));
// Its content is closed enough; the server's user must be able to pass through.
chmodSync(folder, 0o711);
const port = givenPort === undefined ? await freePort() : Number(givenPort);
const closed = new Promise((resolve) => process.stdin.once('close', resolve).resume());
// Ctrl-C, and whatever ends a run that takes too long, go to the whole process group; the end of the test run is what counts here.
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => undefined);

try {
  const { server, url, stop } = await (kind === 'postgres' ? keepPostgres(folder, port) : keepRedis(folder, port));
  process.stdout.write(`${JSON.stringify({ url, pid: server.pid, folder })}\n`);
  await Promise.race([closed, server.ended]);
  await stop();
} catch (error) {
  process.stderr.write(`${String(error)}\n${lastLines(join(folder, 'log'))}\n`);
  process.exitCode = 1;
}
if (givenFolder === undefined) rmSync(folder, { recursive: true, force: true });
process.exit();
