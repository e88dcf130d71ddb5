import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { BenchReport } from '../tools/bench/report/bench-report.js';
import { CHECKOUT } from '../tools/checkout.js';
import { itWithRedis } from './guarantees/channels-lost.js';

/** Goal: every part of the benchmark measures something and ends with a clean audit. Method: its short form, as a user starts it. Nothing is said of speed. */
describe('the benchmark', () => {
  let folder: string;
  let code: number;
  let output: string;
  let report: BenchReport;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'cashpoint-bench-test-'));
    [code, output] = await new Promise((resolve) => {
      const args = ['bench', '--smoke', '--out', folder];
      execFile(join(CHECKOUT, 'cashpoint'), args, (error, out, err) => {
        resolve([error === null ? 0 : Number(error.code ?? 1), `${out}\n${err}`]);
      });
    });
    const file = join(folder, 'bench.json');
    if (!existsSync(file)) throw new Error(`the benchmark wrote no report:\n${output}`);
    report = JSON.parse(readFileSync(file, 'utf8')) as BenchReport;
  }, 600_000);

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('ends well: durable settings, clean audits, nothing lost', () => {
    expect({ code, violations: report.violations, output }).toMatchObject({ code: 0, violations: [] });
    expect(report.audits.map(({ balanced, inFlight, failed }) => ({ balanced, inFlight, failed }))).toEqual([
      { balanced: true, inFlight: 0, failed: [] },
      { balanced: true, inFlight: 0, failed: [] },
    ]);
    expect(report.servers[0]).toMatchObject({ settings: { fsync: 'on', synchronous_commit: 'on' } });
    for (const { server, settings } of report.servers.slice(1)) {
      expect({ server, settings }).toMatchObject({ settings: { appendonly: 'yes' } });
    }
  });

  itWithRedis('has lost the messaging library’s Redis under load, and with it no message', () => {
    const { messages = 0, sent, applied } = report.redisLoss ?? {};
    expect(messages).toBeGreaterThan(0);
    expect(applied).toBe(sent);
    expect(applied).toBeGreaterThanOrEqual(messages);
  });

  it('has taken cash in every form of load', () => {
    const rows = [...(report.path ?? []), ...(report.replicas ?? [])];
    expect(rows).toHaveLength(7);
    for (const { figures } of [...rows, ...(report.brokers ?? [])]) {
      expect(figures.answer.count).toBeGreaterThan(0);
      expect(figures.cost.walBytes).toBeGreaterThan(0);
      expect(figures.cost.transactions['terminal']).toBeGreaterThan(0);
    }
    expect(report.brokers?.[1]?.figures.cost.transactions['account_b']).toBeGreaterThan(0);
    expect(report.idle?.cost.processes.length).toBeGreaterThan(5);
  });

  it('has delivered through the library, and through whichever peers are installed', () => {
    const deliveries = [report.messaging, ...(report.peers ?? [])];
    expect(deliveries).toHaveLength(8);
    for (const delivery of deliveries) {
      const result = delivery?.result ?? { missing: 'the row' };
      if ('missing' in result) expect(result.missing).toMatch(/not installed|no Redis/);
      else expect(result.applied).toBeGreaterThan(0);
    }
  });

  it('shows it all as a page with charts', () => {
    const page = readFileSync(join(folder, 'bench.md'), 'utf8');
    for (const title of ['(a)', '(b)', '(c, d)', '(e)', '(f)']) expect(page).toContain(`## ${title}`);
    const charts = [...page.matchAll(/!\[.*?\]\((.*?)\)/g)].map(([, file = '']) => file);
    expect(charts.length).toBeGreaterThan(2);
    for (const chart of charts) expect(readFileSync(join(folder, chart), 'utf8')).toMatch(/^<svg[^]*<\/svg>\n$/);
  });
});
