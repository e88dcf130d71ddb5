import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const pathOf = (file: string) => fileURLToPath(new URL(file, import.meta.url));

const NODE_OPTIONS = [
  '--experimental-transform-types',
  '--disable-warning=ExperimentalWarning',
  `--import=${pathOf('../servers/typescript-sources.js')}`,
];

const TIMEOUT_MS = 25_000;

/**
 * Bytes that a transaction, or a command to Redis, leaves among the old objects. In a process of its own: in some that had run other specs before
 * it was a kilobyte more each time, which says nothing of the code that is measured.
 */
export async function grownOldBy(kind: 'transaction' | 'command', url: string): Promise<number> {
  const args = [...NODE_OPTIONS, pathOf('work.ts'), kind, url];
  const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: TIMEOUT_MS });
  return Number(stdout);
}
