import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { identify, isRunning, type ProcessIdentity } from '../processes/identity.js';
import { Refusal } from '../refusal.js';
import type { DataFolder } from './data-folder.js';

/** Makes this process the only supervisor of the folder. Throws `Refusal` where another one is. */
export function lockFolder(folder: DataFolder): void {
  for (;;) {
    try {
      return writeFileSync(folder.lock, JSON.stringify(identify(process.pid)), { flag: 'wx', mode: 0o600 });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const holder = holderOf(folder);
    if (holder !== null && isRunning(holder)) {
      throw new Refusal(`a cluster already runs on ${folder.path} (supervisor pid ${holder.pid}); \`down\` stops it`);
    }
    rmSync(folder.lock, { force: true });
  }
}

export function unlockFolder(folder: DataFolder): void {
  rmSync(folder.lock, { force: true });
}

function holderOf(folder: DataFolder): ProcessIdentity | null {
  try {
    return JSON.parse(readFileSync(folder.lock, 'utf8')) as ProcessIdentity;
  } catch {
    // Being written, just removed, or cut off by a crash; the next attempt tells.
    return null;
  }
}
