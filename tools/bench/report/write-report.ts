import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { CHECKOUT } from '../../checkout.js';
import { capacityPage, hasCosts } from '../capacity/capacity-page.js';
import { benchPage } from './bench-page.js';
import type { BenchReport } from './bench-report.js';
import { sectionsOf } from './sections.js';
import { svgOf } from './svg.js';

/**
 * Writes `bench.json`, `bench.md`, a chart for each section that has one, and `capacity.md` where the costs of a withdrawal were measured.
 * Resolves to the page's path.
 */
export async function writeReport(report: BenchReport, folder: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  const page = join(resolve(folder), 'bench.md');
  const withCharts = benchPage(report, ({ name, chart }) =>
    chart === undefined ? '' : `![${chart.title}](${name}.svg)`,
  );
  await writePage(withCharts, page);
  await writeFile(join(folder, 'bench.json'), await asInThisCheckout(JSON.stringify(report), 'json'));
  if (hasCosts(report)) await writePage(capacityPage(report), join(folder, 'capacity.md'));
  for (const { name, chart } of sectionsOf(report)) {
    if (chart !== undefined) await writeFile(join(folder, `${name}.svg`), svgOf(chart));
  }
  return page;
}

/** Writes Markdown, formatted as the other pages are. */
export async function writePage(text: string, file: string): Promise<void> {
  await writeFile(file, await asInThisCheckout(text, 'markdown'));
}

/** Formatted as every other file, since a report may be kept. */
async function asInThisCheckout(text: string, parser: 'markdown' | 'json'): Promise<string> {
  return format(text, { ...(await resolveConfig(join(CHECKOUT, 'docs', 'benchmarks.md'))), parser });
}
