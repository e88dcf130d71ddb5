import { readFileSync } from 'node:fs';
import type { BenchReport } from '../report/bench-report.js';
import { writePage } from '../report/write-report.js';
import { capacityPage } from './capacity-page.js';

/** `npm run capacity -- bench.json [page.md]`: what a large bank needs, from the costs that a benchmark has measured. */
const [reportFile, pageFile] = process.argv.slice(2);
if (reportFile === undefined) {
  console.error('error: which report? npm run capacity -- docs/benchmarks/bench.json [page.md]');
  process.exitCode = 1;
} else {
  const page = capacityPage(JSON.parse(readFileSync(reportFile, 'utf8')) as BenchReport);
  if (pageFile === undefined) console.log(page);
  else await writePage(page, pageFile);
}
