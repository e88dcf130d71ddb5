import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { LocalTarget } from '../tools/chaos/target/local-target.js';
import { reportText } from '../tools/chaos/report/text.js';
import { runChaos } from '../tools/chaos/run-chaos.js';
import { SABOTAGES } from '../tools/sabotage/sabotages.js';

const SEED = 6612;
const MINUTES = 0.75;
/** Always among them: faults of the whole bank, and what the protections are for that sabotage.cluster.spec.ts switches off. */
const OF_THE_BANK = ['account host wholly down', 'power fails with notes out'];
const FIRST = [...new Set([...OF_THE_BANK, ...Object.values(SABOTAGES).flatMap(({ faults }) => faults)])];

/**
 * Goal: whatever happens to the bank, nothing is lost, doubled or unexplained. Method: the short form of `./cashpoint chaos`, with many faults
 * at the same time, judged by an audit that knows what the clients were told and looks into the databases itself.
 */
describe('chaos', () => {
  let target: LocalTarget;
  beforeAll(async () => {
    target = await LocalTarget.start();
  }, 60_000);
  afterAll(() => target?.close(false), 60_000);

  it('leaves every invariant as it was', async () => {
    const replay = `./cashpoint chaos --seed ${SEED} --minutes ${MINUTES} --overlap 1`;
    const options = { seed: SEED, minutes: MINUTES, atms: 10, overlap: 1, first: FIRST, sabotage: null, replay };
    const report = await runChaos(target, options, () => undefined, new AbortController().signal);
    // Read by whoever has to find out why it failed.
    if (!report.ok) process.stderr.write(`${reportText(report)}\n`);
    expect(report.invariants.filter(({ findings }) => findings.length > 0)).toEqual([]);
    expect(report.faults.filter(({ error }) => error !== null)).toEqual([]);
    expect(report.operations.unknown).toBe(0);
    // It has been a real test.
    const struck = report.kinds.filter(({ injected }) => injected > 0).map(({ kind }) => kind);
    expect(struck).toEqual(expect.arrayContaining(FIRST));
    expect(report.faults.length).toBeGreaterThanOrEqual(10);
    expect(report.operations.total).toBeGreaterThan(200);
  }, 300_000);
});
