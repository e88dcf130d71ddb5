import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DataFolder } from '../cluster/data-folder.js';
import { discardWhenThisProcessEnds } from '../cluster/leash.js';
import { identify } from '../processes/identity.js';
import { stopProcess } from '../processes/server-process.js';
import { freePort } from '../servers/free-port.js';
import { findRedis, type RedisOptions, type RedisServer, startRedis } from '../servers/redis-server.js';

/** A Redis for measurements alone, which ends with this process at the latest. `close` it. */
export class ScratchRedis {
  private release: () => void = () => undefined;

  private constructor(
    private readonly program: string,
    private readonly options: RedisOptions,
    private server: RedisServer,
  ) {
    this.hold();
  }

  /** Null where there is none on this machine. */
  static async start(): Promise<ScratchRedis | null> {
    const program = findRedis();
    if (program === null) return null;
    const folder = mkdtempSync(join(tmpdir(), 'cashpoint-bench-redis-'));
    const options = { dataDir: folder, port: await freePort(), logFile: join(folder, 'log') };
    return new ScratchRedis(program, options, await startRedis(program, options));
  }

  get url(): string {
    return this.server.url;
  }

  /** Kills it, deletes all that it had on the disk, and starts it again at the same address. */
  async lose(): Promise<void> {
    const { dataDir } = this.options;
    await stopProcess(this.server, 'SIGKILL', 0);
    this.release();
    rmSync(dataDir, { recursive: true, force: true });
    this.server = await startRedis(this.program, this.options);
    this.hold();
  }

  async close(): Promise<void> {
    await stopProcess(this.server, 'SIGTERM', 5_000);
    this.release();
    rmSync(this.options.dataDir, { recursive: true, force: true });
  }

  private hold(): void {
    const identity = identify(this.server.pid);
    this.release = discardWhenThisProcessEnds(
      new DataFolder(this.options.dataDir),
      identity === null ? [] : [identity],
    );
  }
}
