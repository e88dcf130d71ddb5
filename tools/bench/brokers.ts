import { auditWhenQuiet } from './audit-when-quiet.js';
import { measurePath, measureRate } from './full-path/measure-path.js';
import type { Plan } from './plan.js';
import type { BenchReport } from './report/bench-report.js';
import { measuredOf, Rounds } from './rounds.js';
import { startScratchCluster } from './scratch-cluster.js';

/** The sharded topology has the customers up to 50 at the first broker and the others at the second. */
const FIRST_OF_SECOND = 51;

/** At most as many as the first broker has customers. */
const ATMS_MAX = 48;

/**
 * The slope of the sharded topology: the same processes and the same load, with all customers at one broker and with half of them at each. On one
 * machine the processor is shared, so what counts is whether a withdrawal costs the same, and whether each database is left half of the work.
 */
export async function measureBrokers(
  plan: Plan,
  report: (line: string) => void,
): Promise<Pick<BenchReport, 'brokers' | 'audits' | 'violations'>> {
  const cluster = await startScratchCluster({ topology: 'sharded', gateways: 1, terminals: 1, accounts: 1 });
  try {
    const atms = Math.min(plan.atms[1], ATMS_MAX);
    const violations: string[] = [];
    const rounds = new Rounds();
    const results = [1, 2].map((brokers) => ({
      brokers,
      results: rounds.add(async () => {
        const cards = cardsOver(brokers, atms);
        const options = { cards, warmUpSeconds: plan.warmUpSeconds, measuredSeconds: plan.seconds };
        const figures = await measurePath(cluster, options);
        report(`${atms} ATMs with customers of ${brokers} of two brokers: ${figures.perSecond.toFixed(0)}/s`);
        if (figures.failures > 0) violations.push(`brokers: ${figures.failures} failed: ${figures.failed.join('; ')}`);
        return figures;
      }),
    }));
    const breakIn = { cards: cardsOver(2, atms), warmUpSeconds: 0, measuredSeconds: plan.breakInSeconds };
    if (plan.breakInSeconds > 0) {
      const { failures, failed } = await measureRate(cluster, breakIn);
      if (failures > 0) violations.push(`brokers, not measured: ${failures} failed: ${failed.join('; ')}`);
    }
    await rounds.run(plan.rounds);
    const audit = await auditWhenQuiet('brokers', cluster.gatewayUrls);
    const rows = results.map(({ brokers, results }) => ({ brokers, figures: measuredOf(results) }));
    return { brokers: rows, audits: [audit], violations };
  } finally {
    await cluster.discard();
  }
}

function cardsOver(brokers: number, atms: number): number[] {
  return Array.from({ length: atms }, (_, index) =>
    brokers === 1 || index % 2 === 0 ? Math.floor(index / brokers) + 1 : FIRST_OF_SECOND + Math.floor(index / brokers),
  );
}
