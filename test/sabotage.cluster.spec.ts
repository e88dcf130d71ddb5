import { afterEach, describe, expect, it } from '@jest/globals';
import { ownAuditAgrees } from '../tools/chaos/audit/own-audit-agrees.js';
import type { Report } from '../tools/chaos/report/report.js';
import { reportText } from '../tools/chaos/report/text.js';
import { runChaos } from '../tools/chaos/run-chaos.js';
import { LocalTarget } from '../tools/chaos/target/local-target.js';
import { SABOTAGES, type SabotageName } from '../tools/sabotage/sabotages.js';

const SEED = 4;
/** It ends when the faults that the protection is for are over. */
const MINUTES = 0.05;

/**
 * Goal: an audit that cannot turn red proves nothing. Method: each protection is switched off in a build of its own, and `./cashpoint chaos` meets that
 * bank with the faults that the protection is for. The bank with all of them meets every one of these faults in chaos.cluster.spec.ts.
 */
describe('the audit from outside', () => {
  let target: LocalTarget;
  afterEach(() => target?.close(false), 60_000);

  it.each(Object.entries(SABOTAGES))(
    'notices %s',
    async (name, { lacks, faults, caughtBy, ownAuditSays }) => {
      target = await LocalTarget.start({
        ...{ sabotage: name as SabotageName, gateways: 1, terminals: 2, accounts: 2 },
        environment: { RECOVERY_AFTER_MS: '2000' },
      });
      const sabotage = { name, lacks };
      const options = { seed: SEED, minutes: MINUTES, atms: 10, overlap: 0, first: faults, sabotage, replay: '' };
      const report = await runChaos(target, options, () => undefined, new AbortController().signal);
      // Read by whoever has to find out why it failed.
      if (!report.sabotage?.caughtBy.includes(caughtBy)) process.stderr.write(`${reportText(report)}\n`);
      expect(report.faults.map(({ kind, error, missed }) => ({ kind, error, missed }))).toEqual(
        faults.map((kind) => ({ kind, error: null, missed: false })),
      );
      expect(report).toMatchObject({ ok: false, sabotage: { name } });
      expect(report.sabotage?.caughtBy).toContain(caughtBy);
      expect(reportText(report)).toContain(`✓ ${name} was caught by: `);
      // The operator's audit, which trusts the bank's own records, notices it as well.
      expect(findingsOf(report, ownAuditAgrees.name)).toContain(ownAuditSays);
    },
    180_000,
  );
});

const findingsOf = ({ invariants }: Report, name: string): string =>
  (invariants.find(({ invariant }) => invariant === name)?.findings ?? []).map(({ what }) => what).join('\n');
