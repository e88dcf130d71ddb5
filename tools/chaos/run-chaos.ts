import { within } from '../within.js';
import { judge } from './audit/invariants.js';
import { Witness } from './audit/evidence.js';
import type { Verdict } from './linearizability/verdict.js';
import { Load } from './load/load.js';
import { CounterWatch } from './report/counter-watch.js';
import { type Mutant, type Report, reportOf } from './report/report.js';
import { type FaultRun, runFaults } from './run-faults.js';
import { planFaults } from './schedule/plan-faults.js';
import type { Target } from './target/target.js';

export interface ChaosOptions {
  readonly seed: number;
  readonly minutes: number;
  /** How many virtual ATMs. */
  readonly atms: number;
  /** How often a fault may begin while others last, from 0 to 1. */
  readonly overlap: number;
  /** Kinds of faults that come before all others. */
  readonly first?: readonly string[];
  readonly sabotage: Mutant | null;
  /** The command that does the same again. */
  readonly replay: string;
}

/** For everything to come to its end after the last fault, milliseconds. */
const QUIET_MS_MAX = 120_000;
/** A bank without one of its protections may never come to rest. */
const SABOTAGED_QUIET_MS_MAX = 12_000;
const LOOK_MS = 200;

/** For each step after the last fault, milliseconds: far longer than any takes, since a run that does not end tells nothing. */
const STEP_MS_MAX = 300_000;

/**
 * Load while faults are injected, then the verdict. Resolves with the report whatever the verdict is; rejects where the run itself could
 * not be made. The target is left to its owner.
 */
export async function runChaos(
  target: Target,
  options: ChaosOptions,
  report: FaultRun['report'],
  abort: AbortSignal,
): Promise<Report> {
  const { seed, minutes, atms, overlap, first = [], sabotage, replay } = options;
  const witness = await Witness.of(target);
  const startedAt = new Date();
  const zero = performance.now();
  const clock = () => performance.now() - zero;
  const load = new Load({ gateways: target.gatewayUrls, seed, atms, clock });
  const counters = new CounterWatch(target, [DUPLICATES, FAILOVERS]);
  try {
    const baseline = await witness.baseline();
    load.start();
    const plan = planFaults({ seed, minutes, shape: target.shape, overlap, first });
    const faults = await runFaults({ plan, target, customers: load, clock, abort, report });
    await step('everything is up', target.untilUp());
    await waitUntil(clock, minutes * 60_000, abort);
    await step('the customers end what they do', load.stop());
    const durationMs = clock();
    await step('the customers learn what they do not know', load.settleOpen());
    const quietMsMax = sabotage === null ? QUIET_MS_MAX : SABOTAGED_QUIET_MS_MAX;
    const quiet = await step('quiet', untilQuiet(witness, quietMsMax));
    await step('the last balances', load.readEveryBalance());
    // Sessions leave records in the terminals' journal, which may travel as well.
    if (quiet) await step('quiet again', untilQuiet(witness, quietMsMax));
    const evidence = await step('the evidence', witness.evidence(load.record, load.accounts, baseline));
    const judgements = await step('the verdict', judge(evidence));
    await counters.stop();
    return reportOf({
      ...{ seed, minutes, target: target.description, sabotage, replay, startedAt, durationMs },
      ...{ operations: load.record, faults, judgements, histories: historiesOf(evidence.histories) },
      duplicatesAbsorbed: counters.total(DUPLICATES),
      failovers: counters.total(FAILOVERS),
    });
  } finally {
    // Whatever does not close must not take the report away.
    await Promise.allSettled([counters.stop(), load.close(), witness.close()]);
  }
}

const DUPLICATES = 'inbox_duplicates_total';
const FAILOVERS = 'channel_failovers_total';

const step = <T>(what: string, doing: Promise<T>): Promise<T> => within(what, STEP_MS_MAX, doing);

async function waitUntil(clock: () => number, milliseconds: number, abort: AbortSignal): Promise<void> {
  while (clock() < milliseconds && !abort.aborted) await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
}

/** Whether it has become quiet before the deadline: what is still open then is for the audit to find. */
async function untilQuiet(witness: Witness, withinMs: number): Promise<boolean> {
  const deadline = performance.now() + withinMs;
  while (performance.now() < deadline) {
    if ((await witness.underWay()) === 0) return true;
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
  return false;
}

const historiesOf = (verdicts: readonly Verdict[]) => ({
  checked: verdicts.length,
  undecided: verdicts.filter(({ verdict }) => verdict === 'undecided').length,
});
