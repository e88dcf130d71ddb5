import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';

/** A process beyond doubt: numbers are used again, but never with the same start. */
export interface ProcessIdentity {
  readonly pid: number;
  /** When it started, in the system's own words; only ever compared. */
  readonly startedAt: string;
}

/** The process that has this number now, or null. A process that has ended and was not yet waited for counts as gone. */
export function identify(pid: number): ProcessIdentity | null {
  const startedAt = existsSync('/proc/self/stat') ? startOnLinux(pid) : startElsewhere(pid);
  return startedAt === null ? null : { pid, startedAt };
}

export function isRunning(recorded: ProcessIdentity): boolean {
  return identify(recorded.pid)?.startedAt === recorded.startedAt;
}

/** Sends the signal to exactly that process; false where it is gone. */
export function signalProcess(recorded: ProcessIdentity, signal: NodeJS.Signals): boolean {
  if (!isRunning(recorded)) return false;
  try {
    return process.kill(recorded.pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
    throw error;
  }
}

const POLL_MS = 25;

/** Asks for an orderly end, wakes a frozen process so that it can hear that, and forces it after `graceMs`. */
export async function endProcess(recorded: ProcessIdentity, signal: NodeJS.Signals, graceMs: number): Promise<void> {
  const forceAt = Date.now() + graceMs;
  signalProcess(recorded, signal);
  signalProcess(recorded, 'SIGCONT');
  while (isRunning(recorded)) {
    if (Date.now() > forceAt) signalProcess(recorded, 'SIGKILL');
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

/** proc_pid_stat(5): field 3 is the state, field 22 the start in clock ticks since the machine started. */
function startOnLinux(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fromField3 = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (fromField3[0] === 'Z' || fromField3[0] === 'X') return null;
    return `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()}:${fromField3[22 - 3]}`;
  } catch {
    return null;
  }
}

function startElsewhere(pid: number): string | null {
  const found = spawnSync('ps', ['-o', 'stat=,lstart=', '-p', String(pid)], {
    encoding: 'utf8',
    env: { PATH: process.env['PATH'], LC_ALL: 'C' },
  });
  const [, state, start] = /^\s*(\S+)\s+(.+?)\s*$/.exec(found.stdout) ?? [];
  return state === undefined || start === undefined || state.startsWith('Z') ? null : start;
}
