import { readdirSync, readFileSync } from 'node:fs';

/** Ticks of utime and stime per second (`getconf CLK_TCK`), 100 on every Linux that Node runs on. */
const TICKS_PER_SECOND = 100;

interface ProcessTimes {
  readonly parent: number;
  readonly seconds: number;
  /** Of children that have ended. */
  readonly secondsOfEnded: number;
}

/** Seconds of CPU that each of the processes and their children have used so far. Linux only: null where there is no /proc. */
export function cpuSeconds(pids: readonly number[]): Map<number, number> | null {
  const all = processTimes();
  if (all === null) return null;
  return new Map(pids.map((pid) => [pid, withChildren(pid, all)]));
}

/**
 * Seconds of CPU that a PostgreSQL server has used so far, by database of the connections that used them; what serves all of them (and
 * connections that have ended) stands under `shared`. Linux only: empty where there is no /proc.
 */
export function postgresSeconds(pid: number): Map<string, number> {
  const all = processTimes();
  const byDatabase = new Map<string, number>();
  if (all === null) return byDatabase;
  const add = (name: string, seconds: number) => byDatabase.set(name, (byDatabase.get(name) ?? 0) + seconds);
  const own = all.get(pid);
  add('shared', (own?.seconds ?? 0) + (own?.secondsOfEnded ?? 0));
  for (const [child, { parent }] of all) {
    if (parent === pid) add(databaseOf(child) ?? 'shared', withChildren(child, all));
  }
  return byDatabase;
}

/** PostgreSQL writes user, database and client into the command line of a connection's process: `postgres: cashpoint terminal 127.0.0.1(…) idle`. */
function databaseOf(pid: number): string | null {
  try {
    return /^postgres: \S+ (\S+) [\d.]+\(\d+\)/.exec(readFileSync(`/proc/${pid}/cmdline`, 'utf8'))?.[1] ?? null;
  } catch {
    return null;
  }
}

function withChildren(pid: number, all: ReadonlyMap<number, ProcessTimes>): number {
  const own = all.get(pid);
  if (own === undefined) return 0;
  const children = [...all].filter(([, { parent }]) => parent === pid);
  return children.reduce((sum, [child]) => sum + withChildren(child, all), own.seconds + own.secondsOfEnded);
}

function processTimes(): Map<number, ProcessTimes> | null {
  try {
    const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
    return new Map(pids.flatMap((pid) => timesOf(Number(pid))));
  } catch {
    return null;
  }
}

/** proc(5): after the name in brackets, state is field 3, ppid 4, utime to cstime 14 to 17. Empty where it has just ended. */
function timesOf(pid: number): [number, ProcessTimes][] {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat
      .slice(stat.lastIndexOf(')') + 2)
      .split(' ')
      .map(Number);
    const seconds = (from: number) => ((fields[from - 3] ?? 0) + (fields[from - 2] ?? 0)) / TICKS_PER_SECOND;
    return [[pid, { parent: fields[1] ?? 0, seconds: seconds(14), secondsOfEnded: seconds(16) }]];
  } catch {
    return [];
  }
}
