import { describe, expect, it } from '@jest/globals';
import { benchPage, tableText } from './bench-page.js';
import { sampleDelivery, samplePath, samplePathRow, sampleReport } from './testing/sample-report.js';

/** Rows of the tables, their columns joined by one bar. */
const rowsOf = (page: string) =>
  page
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .map((line) => line.replace(/ +\| +/g, '|').replace(/^\| | +\|$/g, ''));

describe('the page of a benchmark', () => {
  it('says what was measured where, and each rate beside the limit', () => {
    const page = benchPage(sampleReport());
    expect(page).toContain(
      '2026-01-02 03:04 UTC; 5 s for each row and round (30 s where paced), medians of 3 rounds in turn',
    );
    expect(rowsOf(page)).toContain('PostgreSQL 17|fsync on');
    expect(rowsOf(page)).toContain(
      '64 ATMs, closed loop|2 gateways, 2 atm-terminal, 3 account|2,500|0.25|10 / 40 / 100|5.0 / 20 / 50',
    );
    expect(rowsOf(page)).toContain('libs/messaging|with group commit|12,000|1.20|2.0 / 8.0 / 20');
  });

  it('compares the library with the best peer of each style', () => {
    const peers = [
      sampleDelivery('pg-boss', 'documented', 2_000),
      sampleDelivery('bullmq', 'documented', 3_000),
      sampleDelivery('pg-boss', 'grouped', 8_000),
    ];
    const page = benchPage(sampleReport({ peers }));
    expect(page).toContain('4.0 × the best peer as documented (bullmq)');
    expect(page).toContain('1.5 × the best peer with group commit (pg-boss)');
  });

  it('says why something is missing instead of leaving it out', () => {
    const peers = [{ ...sampleDelivery('dbos', 'documented', 0), result: { missing: 'dbos is not installed' } }];
    const page = benchPage(sampleReport({ limit: { missing: 'pgbench is not on the PATH' }, peers }));
    expect(page).toContain('Not measured: pgbench is not on the PATH.');
    expect(rowsOf(page)).toContain('dbos|as documented|–|–|dbos is not installed');
    expect(rowsOf(page)).toContain('libs/messaging|with group commit|12,000|–|2.0 / 8.0 / 20');
  });

  it('has no section of what was not asked for', () => {
    const page = benchPage(sampleReport({ limit: null, path: null, messaging: null, peers: null }));
    expect(page.match(/^## .*/gm)).toEqual(['## Where', '## Audits']);
  });

  it('adds up the cost of a withdrawal, and shows that of brokers side by side', () => {
    const brokers = [
      { brokers: 1, figures: samplePath(900) },
      { brokers: 2, figures: samplePath(900, { transactions: { account_a: 0.125, account_b: 0.125 } }) },
    ];
    const page = benchPage(sampleReport({ path: [samplePathRow(64, 2_500)], brokers }));
    expect(rowsOf(page)).toContain('64 ATMs|2 gateways, 2 atm-terminal, 3 account|150|200|100|80|20|120|50|720');
    expect(rowsOf(page)).toContain('both brokers|900|720|0.13|0.13|10 / 40');
  });

  it('ends with the audits, and with everything that makes it fail', () => {
    expect(benchPage(sampleReport())).toMatch(/every invariant holds, 0 in flight\n\nNo violation\.$/);
    const audits = [{ after: 'growth', balanced: false, inFlight: 3, failed: ['entries sum to zero'] }];
    const page = benchPage(sampleReport({ audits, violations: ['audit after growth'] }));
    expect(page).toContain('- after growth: NOT balanced: entries sum to zero, 3 in flight');
    expect(page).toMatch(/Violations:\n\n- audit after growth$/);
  });
});

describe('a table', () => {
  it('has columns as wide as their widest cell', () => {
    expect(tableText({ head: ['', 'per second'], rows: [['a limit', '1']] })).toBe(
      '|         | per second |\n| ------- | ---------- |\n| a limit | 1          |',
    );
  });
});
