import { type Customers, inject, type Injection } from './faults/inject.js';
import type { RunClock } from './load/ask.js';
import type { Lane } from './schedule/fault-kinds.js';
import type { PlannedFault } from './schedule/plan-faults.js';
import type { Target } from './target/target.js';

/** What became of a planned fault. */
export interface InjectedFault extends PlannedFault {
  readonly beganAtMs: number;
  readonly healedAtMs: number;
  /** Why it could not be injected or healed as planned. */
  readonly error: string | null;
  /** It was in force, and nobody came by the point at which it was to strike. */
  readonly missed: boolean;
}

export interface FaultRun {
  readonly plan: readonly PlannedFault[];
  readonly target: Target;
  readonly customers: Customers;
  readonly clock: RunClock;
  readonly abort: AbortSignal;
  /** Told when a fault begins and when it is healed. */
  readonly report: (fault: PlannedFault, what: 'begins' | 'healed' | 'failed', why?: string) => void;
}

/** Until a replica that must die at a point has come by; a machine may be very busy, milliseconds. */
const STRIKES_MS_MAX = 60_000;

const LANES: readonly Lane[] = ['gateway', 'atm-terminal', 'account', 'channel', 'client', 'bank'];

/**
 * Carries out the plan. A fault that takes longer than planned puts off the others of its lane, and those of the whole bank, so that what
 * the plan keeps apart stays apart. Resolves when all are healed.
 */
export async function runFaults(run: FaultRun): Promise<InjectedFault[]> {
  const busy = new Map<Lane, Promise<unknown>>();
  const done: Promise<InjectedFault>[] = [];
  for (const fault of run.plan) {
    const lanes = fault.lane === 'bank' ? LANES : [fault.lane, 'bank' as const];
    await waitFor(fault.atMs - run.clock(), run.abort);
    await Promise.all(lanes.flatMap((lane) => busy.get(lane) ?? []));
    if (run.abort.aborted) break;
    const running = carryOut(fault, run);
    done.push(running);
    for (const lane of fault.lane === 'bank' ? LANES : [fault.lane]) busy.set(lane, running);
  }
  return Promise.all(done);
}

async function carryOut(fault: PlannedFault, run: FaultRun): Promise<InjectedFault> {
  const { target, customers, clock, abort, report } = run;
  const beganAtMs = clock();
  let injection: Injection | null = null;
  let error: string | null = null;
  report(fault, 'begins');
  try {
    injection = await inject(fault, target, customers);
    const strikes = fault.mustStrike && injection.missed !== undefined;
    await Promise.race([waitFor(strikes ? STRIKES_MS_MAX : fault.lastsMs, abort), injection.over]);
  } catch (failure) {
    error = inWords(failure);
  }
  try {
    await injection?.heal();
  } catch (failure) {
    error ??= inWords(failure);
  }
  if (error === null) report(fault, 'healed');
  else report(fault, 'failed', error);
  return { ...fault, beganAtMs, healedAtMs: clock(), error, missed: injection?.missed?.() ?? false };
}

/** Cut short by the abort. */
function waitFor(milliseconds: number, abort: AbortSignal): Promise<void> {
  if (milliseconds <= 0 || abort.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds);
    abort.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

const inWords = (failure: unknown): string => (failure instanceof Error ? failure.message : String(failure));
