import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type Command, InvalidArgumentError } from 'commander';
import { measureFailovers } from '../chaos/failover-times/measure.js';
import { failoverTable, isWithin } from '../chaos/failover-times/table.js';
import { reportPage } from '../chaos/report/page.js';
import type { Report } from '../chaos/report/report.js';
import { reportText } from '../chaos/report/text.js';
import { type ChaosOptions, runChaos } from '../chaos/run-chaos.js';
import type { FaultRun } from '../chaos/run-faults.js';
import { FAULT_KINDS } from '../chaos/schedule/fault-kinds.js';
import { ComposeTarget } from '../chaos/target/compose-target.js';
import { LocalTarget } from '../chaos/target/local-target.js';
import type { Target } from '../chaos/target/target.js';
import { checkedTopology, type Topology } from '../cluster/topology.js';
import { Refusal } from '../refusal.js';
import { checkedSabotage, SABOTAGE_NAMES, SABOTAGES, type SabotageName } from '../sabotage/sabotages.js';
import { wholeNumber } from './options.js';

interface ChaosCommandOptions {
  readonly seed: number;
  readonly minutes?: number;
  readonly atms: number;
  readonly overlap: number;
  readonly first: readonly string[];
  readonly topology: Topology;
  readonly docker?: boolean;
  readonly ha?: boolean;
  readonly sabotage?: SabotageName;
  readonly failoverTimes?: number | true;
  readonly only: readonly string[];
  readonly json?: string;
  readonly report?: string;
}

const DEFAULTS = { minutes: 2, atms: 14, overlap: 0.3, topology: 'single' } as const;
/** The faults that a protection is for come first, and a bank without it need not be hurt for long. */
const SABOTAGED_MINUTES = 0.25;
/** How often each failover is measured. */
const ROUNDS = 10;

/** Seeds that are drawn are short enough to be typed. */
const SEEDS = 100_000;

export function addChaos(program: Command): void {
  program
    .command('chaos')
    .description('load while faults are injected, then an audit that does not trust the bank; fails on any violation')
    .option('--seed <number>', 'the same seed: the same faults at the same times', wholeNumber, drawnSeed())
    .option('--minutes <minutes>', `how long; ${DEFAULTS.minutes} where it is not given`, positive)
    .option('--atms <count>', 'how many virtual ATMs', wholeNumber, DEFAULTS.atms)
    .option('--overlap <share>', 'how often a fault may begin while others last: 0 to 1', share, DEFAULTS.overlap)
    .option('--first <kind>', 'a kind of fault that comes before all others; may be given again', oneMore, [])
    .option('--topology <topology>', 'single or sharded', checkedTopology, DEFAULTS.topology)
    .option('--docker', 'in containers, with docker compose')
    .option('--ha', 'with a mirrored database, whose primary is killed as well')
    .option('--sabotage <protection>', `without one protection: ${SABOTAGE_NAMES.join(', ')}`, checkedSabotage)
    .option('--failover-times [rounds]', 'only measure how long each kind of failover takes, ten times', wholeNumber)
    .option(
      '--only <what>',
      'with --failover-times: only that one, as the table calls it; may be given again',
      also,
      [],
    )
    .option('--json <file>', 'write the report as JSON')
    .option('--report <dir>', 'write it as text, JSON and a page with a timeline')
    .action(chaos);
}

function chaos(options: ChaosCommandOptions): Promise<void> {
  return options.failoverTimes === undefined ? injectFaults(options) : measure(options, options.failoverTimes);
}

async function measure(options: ChaosCommandOptions, rounds: number | true): Promise<void> {
  const signal = abortedBySignals();
  const target = await targetOf(options);
  try {
    const choice = { only: options.only, signal };
    const times = await measureFailovers(target, rounds === true ? ROUNDS : rounds, console.log, choice);
    console.log(`\n${failoverTable(times, target.description)}`);
    if (!times.every(isWithin)) process.exitCode = 1;
  } finally {
    await target.close(false);
  }
}

async function injectFaults(options: ChaosCommandOptions): Promise<void> {
  const signal = abortedBySignals();
  const { seed, atms, overlap, sabotage } = options;
  const minutes = minutesOf(options);
  console.log(`Chaos with seed ${seed} for ${minutes} min on a bank of its own …`);
  if (sabotage !== undefined) console.log(`Built without a protection (${sabotage}): the audit has to find out.`);
  const target = await targetOf(options);
  let ok = false;
  try {
    const run = { seed, minutes, atms, overlap, ...chosen(options), replay: replayOf(options) };
    const report = await runChaos(target, run, tell, signal);
    console.log(`\n${reportText(report)}`);
    write(report, options);
    ok = report.ok;
    // A mutant that nobody notices is a failure of the audit.
    if (report.sabotage?.caughtBy.length === 0) process.exitCode = 1;
  } finally {
    const kept = await target.close(!ok);
    if (kept !== null) console.log(`The bank's files, logs included, are in ${kept}`);
  }
  if (!ok) process.exitCode = 1;
}

/** What was started is stopped in order, whoever ends it. */
function abortedBySignals(): AbortSignal {
  const abort = new AbortController();
  const why = new Refusal('interrupted');
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => abort.abort(why));
  return abort.signal;
}

const minutesOf = ({ minutes, sabotage }: ChaosCommandOptions): number =>
  minutes ?? (sabotage === undefined ? DEFAULTS.minutes : SABOTAGED_MINUTES);

/** The faults that a protection is for come first where it is switched off. */
function chosen({ sabotage: name, first }: ChaosCommandOptions): Pick<ChaosOptions, 'sabotage' | 'first'> {
  if (name === undefined) return { sabotage: null, first };
  const { lacks, faults } = SABOTAGES[name];
  return { sabotage: { name, lacks }, first: [...faults, ...first] };
}

function targetOf({ docker, topology, ha = false, sabotage }: ChaosCommandOptions): Promise<Target> {
  if (docker !== true) return LocalTarget.start({ topology, ha, ...(sabotage === undefined ? {} : { sabotage }) });
  if (sabotage !== undefined || topology !== 'single') {
    throw new Refusal('--docker takes the bank as the compose files have it, without --sabotage and --topology');
  }
  return ComposeTarget.start({ ha });
}

const tell: FaultRun['report'] = ({ number, kind, target }, what, why) => {
  const line = `  ${String(number).padStart(3)}  ${kind}${target === null ? '' : ` (${target})`}`;
  if (what === 'begins') console.log(line);
  if (what === 'failed') console.log(`${line}: could not be done: ${why}`);
};

function write(report: Report, { json, report: folder }: ChaosCommandOptions): void {
  const asJson = `${JSON.stringify(report, null, 2)}\n`;
  if (json !== undefined) writeFileSync(resolve(json), asJson);
  if (folder === undefined) return;
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'chaos.json'), asJson);
  writeFileSync(join(folder, 'chaos.txt'), `${reportText(report)}\n`);
  writeFileSync(join(folder, 'chaos.html'), reportPage(report));
  console.log(`Report: ${resolve(folder, 'chaos.html')}`);
}

/** What of the options decides which faults happen when. */
function replayOf(options: ChaosCommandOptions): string {
  const { seed, atms, overlap, first, topology, sabotage, ha, docker } = options;
  const other = [
    atms === DEFAULTS.atms ? '' : ` --atms ${atms}`,
    overlap === DEFAULTS.overlap ? '' : ` --overlap ${overlap}`,
    ...first.map((kind) => ` --first ${kind.includes(' ') ? `'${kind}'` : kind}`),
    topology === DEFAULTS.topology ? '' : ` --topology ${topology}`,
    docker === true ? ' --docker' : '',
    ha === true ? ' --ha' : '',
    sabotage === undefined ? '' : ` --sabotage ${sabotage}`,
  ];
  return `./cashpoint chaos --seed ${seed} --minutes ${minutesOf(options)}${other.join('')}`;
}

const drawnSeed = (): number => Math.floor(Math.random() * SEEDS);

function positive(given: string): number {
  const number = Number(given);
  if (!(number > 0 && number <= 24 * 60)) throw new InvalidArgumentError('It must be a number of minutes.');
  return number;
}

function oneMore(kind: string, earlier: readonly string[]): string[] {
  if (FAULT_KINDS.every(({ name }) => name !== kind)) {
    throw new InvalidArgumentError(`It must be one of: ${FAULT_KINDS.map(({ name }) => name).join(' · ')}`);
  }
  return [...earlier, kind];
}

const also = (what: string, earlier: readonly string[]): string[] => [...earlier, what];

function share(given: string): number {
  const number = Number(given);
  if (!(number >= 0 && number <= 1)) throw new InvalidArgumentError('It must be from 0 to 1.');
  return number;
}
