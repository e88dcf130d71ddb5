import { spawnSync } from 'node:child_process';

/** Sends a signal to processes and to all that descend from them, as if their machine died, froze or went on. */
export function signalTrees(roots: readonly number[], signal: NodeJS.Signals): boolean {
  const before = treesOf(roots);
  // Parents first, so that they start nothing more.
  const reached = roots.filter((pid) => send(pid, signal));
  const after = signal === 'SIGSTOP' ? treesOf(roots) : [];
  for (const pid of new Set([...before, ...after])) if (!roots.includes(pid)) send(pid, signal);
  return reached.length > 0;
}

function treesOf(roots: readonly number[]): number[] {
  const { stdout } = spawnSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' });
  const parents = stdout
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number) as [number, number]);
  const found = new Set(roots);
  for (let size = 0; size < found.size;) {
    size = found.size;
    for (const [pid, parent] of parents) if (found.has(parent)) found.add(pid);
  }
  return [...found];
}

function send(pid: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, signal);
  } catch {
    return false;
  }
}
