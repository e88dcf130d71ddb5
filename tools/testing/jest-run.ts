import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { programOf, runNode } from './run-node.js';
import type { Tally } from './tally.js';

/** One of Jest's projects, and how many of its files run at a time. */
export interface Project {
  readonly name: string;
  readonly workers: number;
}

/** From those that need nothing to those that start whole clusters and a browser, which have the machine to themselves. */
export const PROJECTS: readonly Project[] = [
  { name: 'unit', workers: 2 },
  { name: 'integration', workers: 2 },
  { name: 'cluster', workers: 1 },
  { name: 'browser', workers: 1 },
];

/** The part of Jest's JSON report that counts. */
interface JestReport {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
  /** Files that failed before or outside their tests. */
  readonly numRuntimeErrorTestSuites: number;
  readonly success: boolean;
}

/** Runs one project; failures are printed by Jest itself. A run that leaves no report counts as failed. */
export async function runJest({ name, workers }: Project): Promise<Tally> {
  const folder = mkdtempSync(join(tmpdir(), 'cashpoint-jest-'));
  const file = join(folder, 'report.json');
  try {
    await runNode(
      '--experimental-vm-modules',
      '--disable-warning=ExperimentalWarning',
      programOf('jest', 'bin', 'jest.js'),
      ...['--selectProjects', name, '--maxWorkers', String(workers)],
      ...['--passWithNoTests', '--json', '--outputFile', file],
    );
    return tallyOf(JSON.parse(readFileSync(file, 'utf8')) as JestReport);
  } catch (error) {
    console.error(`the ${name} tests left no report: ${String(error)}`);
    return { passed: 0, failed: 1, skipped: 0 };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A report without success has at least one failure, even where no test of it failed (a leak after the last one). */
export function tallyOf(report: JestReport): Tally {
  const failed = report.numFailedTests + report.numRuntimeErrorTestSuites;
  return {
    passed: report.numPassedTests,
    failed: report.success ? failed : Math.max(failed, 1),
    skipped: report.numPendingTests + report.numTodoTests,
  };
}
