import type { Command } from 'commander';
import { measureFullPath } from '../bench/full-path/full-path.js';
import { Refusal } from '../refusal.js';
import { wholeNumber } from './options.js';

interface BenchOptions {
  readonly seconds: number;
  readonly json?: boolean;
}

const ATMS = [16, 64];
const WARM_UP_SECONDS = 5;
const LIMIT_SECONDS = 10;

export function addBench(program: Command): void {
  program
    .command('bench')
    .description('throughput and latency of the whole path beside the limit of the database, on a cluster of its own')
    .option('--seconds <n>', 'how long each run is measured', wholeNumber, 20)
    .option('--json', 'the whole report as JSON at the end')
    .action(bench);
}

async function bench({ seconds, json }: BenchOptions): Promise<void> {
  if (seconds < 1) throw new Refusal('a run needs at least one second');
  const options = { atms: ATMS, warmUpSeconds: WARM_UP_SECONDS, measuredSeconds: seconds, limitSeconds: LIMIT_SECONDS };
  const report = await measureFullPath(options, (line) => (json === true ? console.error(line) : console.log(line)));
  const { balanced, inFlight, failed } = report.audit;
  if (json === true) console.log(JSON.stringify(report, null, 2));
  else console.log(`audit: ${balanced ? 'balanced' : `NOT balanced: ${failed.join(', ')}`}, ${inFlight} in flight`);
  if (!balanced || report.runs.some(({ failures }) => failures > 0)) process.exitCode = 1;
}
