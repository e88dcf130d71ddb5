import { describe, expect, it } from '@jest/globals';
import { tallyOf } from './jest-run.js';
import { plus, tallyLine } from './tally.js';

const report = {
  numPassedTests: 10,
  numFailedTests: 0,
  numPendingTests: 0,
  numTodoTests: 0,
  numRuntimeErrorTestSuites: 0,
  success: true,
};

describe('the total of a test run', () => {
  it('counts files that could not run as failures', () => {
    expect(tallyOf({ ...report, numFailedTests: 1, numRuntimeErrorTestSuites: 2, success: false }).failed).toBe(3);
  });

  it('is never clean where Jest says that it was not', () => {
    expect(tallyOf({ ...report, success: false }).failed).toBe(1);
  });

  it('names skipped tests only where there are some', () => {
    const one = tallyOf(report);
    expect(tallyLine(one)).toBe('10 passed, 0 failed');
    expect(tallyLine(plus(one, { passed: 0, failed: 1, skipped: 2 }))).toBe('10 passed, 1 failed, 2 skipped');
  });
});
