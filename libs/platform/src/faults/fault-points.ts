import { getHeapStatistics } from 'node:v8';

/**
 * A port to named points in the code at which tests, demos and chaos make something happen. In production it is
 * `NO_FAULTS`, which does nothing; only the demo profile binds `ArmedFaultPoints`.
 */
export interface FaultPoints {
  /**
   * Called where the code passes the point. May end the process, wait, or throw, as armed. Resolves to the armed
   * action for points that interpret it themselves (the simulated dispenser), else to undefined.
   */
  reach(point: string): Promise<string | undefined>;
}

/** Injection token of the port. */
export const FAULT_POINTS = Symbol('cashpoint:fault-points');

export const NO_FAULTS: FaultPoints = { reach: () => Promise.resolve(undefined) };

/** Raised at a point that is armed with `error`. */
export class InjectedFault extends Error {
  constructor(readonly point: string) {
    super(`injected fault at ${point}`);
  }
}

/** Armed by who wants something to happen now, wherever the code is. */
const NOW = 'now';

/** So that whoever armed it still gets the answer, milliseconds. */
const AFTER_ANSWER_MS = 20;

/** Fault points that an operator can arm while the replica runs; each arming fires a given number of times. */
export class ArmedFaultPoints implements FaultPoints {
  private readonly armed = new Map<string, { action: string; times: number }>();

  /**
   * The point `now` is passed at once. `kill` (SIGKILL to itself), `error`, `delay:MILLISECONDS`, `spin:MILLISECONDS` (the event loop stands still), `exhaust` (takes
   * memory until the process dies of it), or a word that the point itself understands. 0 times: nothing happens there any more.
   */
  arm(point: string, action: string, times: number): void {
    if (times === 0) {
      this.armed.delete(point);
      return;
    }
    this.armed.set(point, { action, times });
    if (point === NOW) setTimeout(() => void this.reach(NOW).catch(() => undefined), AFTER_ANSWER_MS);
  }

  async reach(point: string): Promise<string | undefined> {
    const fault = this.armed.get(point);
    if (fault === undefined) return undefined;
    fault.times -= 1;
    if (fault.times <= 0) this.armed.delete(point);
    if (fault.action === 'kill') await dieAtOnce();
    if (fault.action === 'error') throw new InjectedFault(point);
    if (fault.action.startsWith('delay:')) await delay(Number(fault.action.slice('delay:'.length)));
    if (fault.action.startsWith('spin:')) spin(Number(fault.action.slice('spin:'.length)));
    if (fault.action === 'exhaust') exhaustHeap();
    return fault.action;
  }
}

/** The signal is delivered asynchronously; nothing after it must run. */
async function dieAtOnce(): Promise<never> {
  process.kill(process.pid, 'SIGKILL');
  return new Promise<never>(() => undefined);
}

const delay = (milliseconds: number) => new Promise<void>((resolve) => setTimeout(resolve, milliseconds));

function spin(milliseconds: number): void {
  const until = performance.now() + milliseconds;
  while (performance.now() < until) continue;
}

/** Above this a process would take the machine with it, bytes. */
const EXHAUSTIBLE_BYTES_MAX = 768 * 1024 * 1024;

/** Ends the process as V8 does where the heap is full. Throws where the heap's limit (`--max-old-space-size`) is too large for that. */
function exhaustHeap(): never {
  const limit = getHeapStatistics().heap_size_limit;
  if (limit > EXHAUSTIBLE_BYTES_MAX) throw new Error(`a heap of ${limit} bytes is too large to be exhausted`);
  const hoard: object[] = [];
  for (;;) hoard.push(new Array(1_000).fill(hoard.length));
}
