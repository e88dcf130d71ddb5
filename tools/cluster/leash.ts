import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { CHECKOUT } from '../checkout.js';
import type { DataFolder } from './data-folder.js';

/**
 * Runs `down` for the folder when this process has ended in whatever way: a shell waits for the end of its input, which only this
 * process holds open. Answers what calls it off.
 */
export function stopWhenThisProcessEnds(folder: DataFolder): () => void {
  const script = 'cat >/dev/null; exec "$0" "$1" down --data "$2"';
  const main = join(CHECKOUT, 'dist', 'tools', 'cli.js');
  const watcher = spawn('/bin/sh', ['-c', script, process.execPath, main, folder.path], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  watcher.unref();
  return () => {
    watcher.kill('SIGKILL');
    watcher.stdin.destroy();
  };
}
