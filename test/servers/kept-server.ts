import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

export interface KeptServer {
  readonly url: string;
  readonly pid: number;
  /** Where it keeps its files; whatever else is put there goes with the server too, where the folder was not given. */
  readonly folder: string;
  /** Stops the server and waits for it; harmless where it has ended. */
  readonly stop: () => Promise<void>;
  /** Resolves when the server is gone, for whatever reason. */
  readonly gone: Promise<void>;
}

/** Runs a server that ends with this process at the latest; see `keep-server.ts`. */
export async function keepServer(kind: 'postgres' | 'redis', ...place: string[]): Promise<KeptServer> {
  const folder = join(process.cwd(), 'test', 'servers');
  const keeper = spawn(
    process.execPath,
    [
      '--disable-warning=ExperimentalWarning',
      `--import=${join(folder, 'typescript-sources.js')}`,
      join(folder, 'keep-server.ts'),
      kind,
      ...place,
    ],
    { stdio: ['pipe', 'pipe', 'pipe'] },
  );
  const gone = once(keeper, 'exit').then(() => undefined);
  const ready = await readyLine(keeper, kind);
  const stop = async () => {
    keeper.stdin.end();
    await gone;
  };
  return { ...(JSON.parse(ready) as Pick<KeptServer, 'url' | 'pid' | 'folder'>), stop, gone };
}

async function readyLine(keeper: ChildProcess, kind: string): Promise<string> {
  let complaint = '';
  keeper.stderr?.on('data', (text) => (complaint += String(text)));
  for await (const line of createInterface({ input: keeper.stdout as NodeJS.ReadableStream })) return line;
  throw new Error(`${kind} for the tests did not start:\n${complaint}`);
}
