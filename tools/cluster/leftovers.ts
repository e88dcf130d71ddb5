import { rmSync } from 'node:fs';
import { endProcess, isRunning, type ProcessIdentity } from '../processes/identity.js';
import { readRecord } from './cluster-record.js';
import type { DataFolder } from './data-folder.js';
import { endMirrorOrphans } from './mirror.js';
import { STOP_ORDER } from './topology.js';

const STOP_MS_MAX = 12_000;

/**
 * Stops the processes that a supervisor has left behind when it died, callers first, and forgets the cluster. Answers the names of
 * those that were still running.
 */
export async function stopLeftovers(folder: DataFolder): Promise<string[]> {
  const stopped: string[] = [];
  for (const kind of STOP_ORDER) {
    const found = (readRecord(folder.record)?.members ?? []).filter((member) => member.kind === kind);
    await Promise.all(
      found.map(async ({ name, process, stopSignal }) => {
        if (process === null || !isRunning(process)) return;
        stopped.push(name);
        await endProcess(process, stopSignal, STOP_MS_MAX);
      }),
    );
  }
  endMirrorOrphans(folder);
  forget(folder);
  return stopped;
}

/** Removes what only a running cluster needs. */
export function forget(folder: DataFolder): void {
  for (const file of [folder.record, folder.endpoints]) rmSync(file, { force: true });
}

/** The supervisor that looks after the cluster in this folder now, or null. */
export function supervisorOf(folder: DataFolder): ProcessIdentity | null {
  const supervisor = readRecord(folder.record)?.supervisor ?? null;
  return supervisor !== null && isRunning(supervisor) ? supervisor : null;
}
