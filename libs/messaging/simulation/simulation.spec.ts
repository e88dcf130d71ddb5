import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { runHistory } from './history.js';
import { LANDMARKS } from './landmarks.js';
import { MUTANTS } from './mutants.js';
import { type Failure, objectionsTo, replayCommand, survey } from './survey.js';

/** Histories of every run; they take about ten seconds of one core. */
const HISTORIES = 10_000;

/** Every mutant has to be noticed with one of these, which the whole protocol has passed above. */
const SEEDS_FOR_MUTANTS = Array.from({ length: 3_000 }, (_, index) => index + 1);

const MINUTE_MS = 60_000;

/** What a failing test shows first: how to see the failure step by step. */
const failureReport = (failures: readonly Failure[]) =>
  failures.map(({ seed, objections }) => [replayCommand(seed), ...objections]);

describe('the protocol under simulation', () => {
  /** The oracle judges each history; the landmarks make sure that the histories are not too kind. */
  it(
    `keeps every promise in ${HISTORIES} histories with crashes, lost channels and changing routes`,
    () => {
      const { failures, landmarks } = survey({ firstSeed: 1, histories: HISTORIES, failuresMax: 3 });
      expect(failureReport(failures)).toEqual([]);
      expect(LANDMARKS.filter((landmark) => (landmarks.get(landmark) ?? 0) < HISTORIES / 100)).toEqual([]);
    },
    MINUTE_MS,
  );

  it(
    'keeps through an hour of trouble only what is needed, and nothing afterwards',
    () => {
      // Processes that stand still with every job in their hand would stand still for most of the hour.
      const trouble = { crashes: 30, freezes: 15, freezeChance: 0, channelFailures: 30, routeChanges: 15 };
      const work = { dialogs: 1_000, lone: 500, express: 10, healsAt: 60 * MINUTE_MS };
      const result = runHistory(1, { plan: { ...trouble, ...work } });
      expect(objectionsTo(result)).toEqual([]);
      expect(result.applied).toBeGreaterThan(5_000);
      expect(result.mostProcessed).toBeLessThan(result.applied / 10);
    },
    MINUTE_MS,
  );

  it('gives the same history for the same seed, told or not', () => {
    const told = () => {
      const lines: string[] = [];
      const { steps } = runHistory(17, { trace: (line) => lines.push(line) });
      return { steps, lines };
    };
    expect(told()).toEqual(told());
    expect(runHistory(17).steps).toBe(told().steps);
  });

  it('is judged by an oracle that shares no code with the protocol', () => {
    const imports = ['oracle.ts', 'observation.ts'].flatMap((file) =>
      [...readFileSync(join(import.meta.dirname, file), 'utf8').matchAll(/from '([^']+)'/g)].map(
        ([, target]) => target,
      ),
    );
    expect(imports).toEqual(['./observation.js']);
  });
});

/** A checker counts only if it can fail: each protection is taken away, and the same seeds must notice. */
describe('the protocol without one protection', () => {
  it.each(Object.values(MUTANTS))(
    'breaks the rule $breaks without $lacks',
    ({ protections, breaks }) => {
      const isCaughtBy = (seed: number) =>
        objectionsTo(runHistory(seed, { protections })).some((objection) => objection.startsWith(`${breaks}:`));
      expect(SEEDS_FOR_MUTANTS.find(isCaughtBy)).toBeDefined();
    },
    MINUTE_MS,
  );
});
