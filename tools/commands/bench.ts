import type { Command } from 'commander';
import { runBench } from '../bench/bench.js';
import { ALL_PARTS, type Part, PARTS, partsNamed } from '../bench/parts.js';
import { DEFAULT_ROUNDS, DEFAULT_SECONDS, partsOf, planOf } from '../bench/plan.js';
import { benchPage } from '../bench/report/bench-page.js';
import { writeReport } from '../bench/report/write-report.js';
import { Refusal } from '../refusal.js';
import { wholeNumber } from './options.js';

interface BenchOptions {
  readonly only?: ReadonlySet<Part>;
  readonly smoke?: boolean;
  readonly seconds?: number;
  readonly rounds?: number;
  readonly entries?: number;
  readonly out?: string;
  readonly json?: boolean;
}

const NAMES = ALL_PARTS.map((part) => `${PARTS[part]} ${part}`).join(', ');

export function addBench(program: Command): void {
  program
    .command('bench')
    .description(
      'throughput and latency of the whole path beside the limit of the database and beside peers, in one run',
    )
    .option('--only <parts>', `some of ${NAMES}; separated by commas`, partsNamed)
    .option('--seconds <n>', `how long each row is measured in each round (${DEFAULT_SECONDS})`, wholeNumber)
    .option('--rounds <n>', `how often, in turn; medians are told (${DEFAULT_ROUNDS})`, wholeNumber)
    .option('--entries <n>', 'ledger entries of the grown bank, some 2 kB of disk each (1000000)', wholeNumber)
    .option('--smoke', 'once and for about a second, without failover and growth: whether it works, not how fast it is')
    .option('--out <dir>', 'write the report as Markdown, JSON and charts')
    .option('--json', 'print the report as JSON')
    .action(bench);
}

async function bench(options: BenchOptions): Promise<void> {
  if (options.seconds === 0 || options.rounds === 0) throw new Refusal('it takes at least one second and one round');
  const tell = options.json === true ? console.error : console.log;
  const plan = planOf({ ...options, smoke: options.smoke === true });
  const report = await runBench(options.only ?? partsOf(options.smoke === true), plan, (line) => tell(line));
  if (options.json === true) console.log(JSON.stringify(report, null, 2));
  else console.log(`\n${benchPage(report)}`);
  if (options.out !== undefined) tell(`Report: ${await writeReport(report, options.out)}`);
  for (const violation of report.violations) tell(`✗ ${violation}`);
  if (report.violations.length > 0) process.exitCode = 1;
}
