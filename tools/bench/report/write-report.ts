import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { CHECKOUT } from '../../checkout.js';
import { benchPage } from './bench-page.js';
import type { BenchReport } from './bench-report.js';
import { sectionsOf } from './sections.js';
import { svgOf } from './svg.js';

/** Writes `bench.json`, `bench.md` and a chart for each section that has one. Resolves to the page's path. */
export async function writeReport(report: BenchReport, folder: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  const page = join(resolve(folder), 'bench.md');
  const withCharts = benchPage(report, ({ name, chart }) =>
    chart === undefined ? '' : `![${chart.title}](${name}.svg)`,
  );
  await writeFile(page, await asInThisCheckout(withCharts, 'markdown'));
  await writeFile(join(folder, 'bench.json'), await asInThisCheckout(JSON.stringify(report), 'json'));
  for (const { name, chart } of sectionsOf(report)) {
    if (chart !== undefined) await writeFile(join(folder, `${name}.svg`), svgOf(chart));
  }
  return page;
}

/** Formatted as every other file, since a report may be kept. */
async function asInThisCheckout(text: string, parser: 'markdown' | 'json'): Promise<string> {
  return format(text, { ...(await resolveConfig(join(CHECKOUT, 'docs', 'benchmarks.md'))), parser });
}
