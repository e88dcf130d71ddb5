import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { CHECKOUT } from '../checkout.js';
import type { ProcessIdentity } from '../processes/identity.js';
import type { DataFolder } from './data-folder.js';

/** Runs `down` for the folder when this process has ended in whatever way; its data stay. Answers what calls it off. */
export function stopWhenThisProcessEnds(folder: DataFolder): () => void {
  return whenThisProcessEnds('cli.js', 'down', '--data', folder.path);
}

/** The same for a cluster that nobody will look at again: its folder goes too, and `servers` that were started beside it. */
export function discardWhenThisProcessEnds(folder: DataFolder, servers: readonly ProcessIdentity[] = []): () => void {
  return whenThisProcessEnds('cluster/discard.js', folder.path, JSON.stringify(servers));
}

/** A shell waits for the end of its input, which only this process holds open, and becomes a program of this build. */
function whenThisProcessEnds(program: string, ...programArguments: string[]): () => void {
  const script = 'cat >/dev/null; exec "$0" "$@"';
  const main = join(CHECKOUT, 'dist', 'tools', program);
  const watcher = spawn('/bin/sh', ['-c', script, process.execPath, main, ...programArguments], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  watcher.unref();
  return () => {
    watcher.kill('SIGKILL');
    watcher.stdin.destroy();
  };
}
