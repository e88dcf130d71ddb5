import { readdirSync, readFileSync } from 'node:fs';

/**
 * Bytes of memory that a process and its children have for themselves, with their share of what several use (proc(5): Pss). Linux only,
 * and of processes that may be looked into: null otherwise.
 */
export function memoryBytes(pid: number): number | null {
  try {
    const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
    const kilobytes = /^Pss:\s+(\d+) kB$/m.exec(rollup)?.[1];
    if (kilobytes === undefined) return null;
    return childrenOf(pid).reduce((sum, child) => sum + (memoryBytes(child) ?? 0), Number(kilobytes) * 1_024);
  } catch {
    return null;
  }
}

function childrenOf(pid: number): number[] {
  return readdirSync(`/proc/${pid}/task`).flatMap((thread) =>
    readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8').split(' ').filter(Boolean).map(Number),
  );
}
