import { LocalTarget } from '../chaos/target/local-target.js';
import { measureFailovers } from '../chaos/failover-times/measure.js';
import { missingMirrorPrograms } from '../cluster/mirror.js';
import { auditWhenQuiet, isClean } from './audit-when-quiet.js';
import { measureBrokers } from './brokers.js';
import { describeMachine } from './environment/machine.js';
import { measureGrowth } from './growth/growth.js';
import type { Part } from './parts.js';
import type { Plan } from './plan.js';
import type { BenchReport } from './report/bench-report.js';
import { measureSideBySide } from './side-by-side.js';

type Measured = Partial<BenchReport> & Pick<BenchReport, 'audits' | 'violations'>;

/** Parts that are measured in rounds on one cluster. */
const SIDE_BY_SIDE: readonly Part[] = ['limit', 'path', 'messaging', 'peers', 'idle', 'scaling'];

const NOTHING = {
  ...{ servers: [], limit: null, path: null, messaging: null, redisLoss: null, peers: null, idle: null },
  ...{ replicas: null, brokers: null, failovers: null, growth: null },
} satisfies Partial<BenchReport>;

/** Measures the parts one after the other, each on clusters of their own that end with it. */
export async function runBench(
  parts: ReadonlySet<Part>,
  plan: Plan,
  report: (line: string) => void,
): Promise<BenchReport> {
  const startedAt = new Date();
  const measured: Measured[] = [];
  const run = async (name: string, measure: () => Promise<Measured>) => {
    report(`\n${name}`);
    try {
      measured.push(await measure());
    } catch (error) {
      // The other parts have taken long, and are worth having.
      const why = error instanceof Error ? error.message : String(error);
      report(`could not be measured: ${why}`);
      measured.push({ audits: [], violations: [`${name} could not be measured: ${why}`] });
    }
  };
  if (SIDE_BY_SIDE.some((part) => parts.has(part))) {
    await run('Side by side', () => measureSideBySide(parts, plan, report));
  }
  if (parts.has('scaling')) await run('Brokers', () => measureBrokers(plan, report));
  if (parts.has('failover')) await run('Failover', () => measureFailover(plan, report));
  if (parts.has('growth')) await run('Growth', () => measureGrown(plan, report));
  const audits = measured.flatMap((one) => one.audits);
  return {
    ...{ format: 1, at: startedAt.toISOString(), seconds: plan.seconds, pacedSeconds: plan.pacedSeconds },
    rounds: plan.rounds,
    tookSeconds: Math.round((Date.now() - startedAt.getTime()) / 1_000),
    machine: describeMachine(),
    ...NOTHING,
    ...Object.assign({}, ...measured),
    audits,
    violations: [
      ...measured.flatMap((one) => one.violations),
      ...audits
        .filter((audit) => !isClean(audit))
        .map(({ after, inFlight, failed }) => `audit after ${after}: ${failed.join(', ')}; ${inFlight} in flight`),
    ],
  } as BenchReport;
}

async function measureFailover({ failoverRounds }: Plan, report: (line: string) => void): Promise<Measured> {
  const ha = missingMirrorPrograms().length === 0;
  const target = await LocalTarget.start({ ha, scratch: true });
  try {
    const times = await measureFailovers(target, failoverRounds, report);
    const audits = [await auditWhenQuiet('failover', target.gatewayUrls)];
    return { failovers: { target: target.description, times }, audits, violations: [] };
  } finally {
    await target.close(false);
  }
}

async function measureGrown(
  { growth, atms, breakInSeconds, warmUpSeconds, seconds, rounds }: Plan,
  report: (line: string) => void,
): Promise<Measured> {
  const [few] = atms;
  const load = { atms: few, breakInSeconds, warmUpSeconds, measuredSeconds: seconds, rounds };
  const grown = await measureGrowth({ ...growth, ...load }, report);
  const failures = grown.empty.failures + grown.grown.failures;
  return {
    growth: grown,
    audits: grown.audits,
    violations: failures === 0 ? [] : [`growth: ${failures} withdrawals failed`],
  };
}
