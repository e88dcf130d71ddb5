import { describe, expect, it } from '@jest/globals';
import { samplePath, sampleReport } from '../report/testing/sample-report.js';
import { capacityPage, hasCosts } from './capacity-page.js';

describe('the page about capacity', () => {
  it('says what is exhausted first and what the demand takes', () => {
    const page = capacityPage(sampleReport());
    expect(page).toContain(
      'First exhausted, with one of everything: **Redis: its one core**, at 10,000 withdrawals a second',
    );
    expect(page).toMatch(/\| gateway: cores +\| 5,000 +\| 2 +\| more replicas/);
    expect(page).toContain('Not measured (part f).');
  });

  it('shows the slope that was measured', () => {
    const brokers = [
      { brokers: 1, figures: samplePath(900, { transactions: { account_a: 0.5 } }) },
      { brokers: 2, figures: samplePath(900, { transactions: { account_a: 0.25 }, cpuUs: { account: 792 } }) },
    ];
    const page = capacityPage(sampleReport({ brokers }));
    expect(page).toContain('1.10 × the CPU (720 µs → 792 µs)');
    expect(page).toContain('commits 0.50 × as often');
  });

  it('is not made of a report without limit or costs', () => {
    expect(hasCosts(sampleReport())).toBe(true);
    expect(hasCosts(sampleReport({ limit: null }))).toBe(false);
    expect(hasCosts(sampleReport({ path: null }))).toBe(false);
  });
});
