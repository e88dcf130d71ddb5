import pg from 'pg';
import type { RunningCluster } from '../../cluster/start-cluster.js';
import { eventually } from '../../eventually.js';
import { auditWhenQuiet, type AuditVerdict } from '../audit-when-quiet.js';
import type { LoadResult } from '../full-path/load.js';
import { firstCards, measureRate } from '../full-path/measure-path.js';
import type { Measured } from '../report/bench-report.js';
import { measuredOf, Rounds } from '../rounds.js';
import { startScratchCluster } from '../scratch-cluster.js';
import { writePast, writeUnanswered } from './filling.js';

/** The broker whose customers take cash, and the one that is away. */
const LIVING = { broker: 'account-a', database: 'account_a' };
const DEAD = { broker: 'account-b', database: 'account_b', replicas: ['account-b-1', 'account-b-2'] };

export interface GrowthOptions {
  /** Entries that the living broker's ledger is given. */
  readonly entries: number;
  /** Messages that wait for the dead one. */
  readonly unanswered: number;
  /** Virtual ATMs in a closed loop; at most 48, since each has a card of its own at the living broker. */
  readonly atms: number;
  /** Of load before the measurements: a bank that has just started is slow, and so is one whose past was just written past its caches. */
  readonly breakInSeconds: number;
  readonly warmUpSeconds: number;
  readonly measuredSeconds: number;
  readonly rounds: number;
}

export interface GrowthReport {
  readonly entries: number;
  readonly unanswered: number;
  readonly empty: Measured<LoadResult>;
  readonly grown: Measured<LoadResult>;
  /** Rate of the grown bank over that of the empty one. */
  readonly ratio: number;
  readonly fillSeconds: number;
  /** From the return of the dead broker until everything that waited for it is answered. */
  readonly drainSeconds: number;
  /** Of both banks after everything, with both brokers alive. */
  readonly audits: readonly AuditVerdict[];
}

/** Longest wait for all messages that nobody answered to be posted, milliseconds. */
const DRAIN_MS_MAX = 1_800_000;

/**
 * Whether a bank slows down as it grows: the same load on an empty bank and, in turn with it, on one with a long past and many messages that nobody
 * answers. The past takes so long to write that a machine is another one afterwards; hence two banks, and not one before and after. In both a
 * broker is away.
 */
export async function measureGrowth(options: GrowthOptions, report: (line: string) => void): Promise<GrowthReport> {
  const banks: ResidentBank[] = [];
  try {
    const empty = await openBank(banks);
    const grown = await openBank(banks);
    const startedAt = Date.now();
    const entries = await writePast({ ...placeOf(grown, LIVING), withdrawals: options.entries }, report);
    const unanswered = await writeUnanswered({ ...placeOf(grown, DEAD), withdrawals: options.unanswered }, report);
    const fillSeconds = (Date.now() - startedAt) / 1_000;
    const rates = await measureInTurn(empty, grown, options, report);
    await bringBack(empty);
    const drainSeconds = await bringBack(grown);
    report(`the dead broker returned: all posted after ${drainSeconds.toFixed(0)} s`);
    const audits = [
      await auditWhenQuiet('growth: the empty bank', empty.cluster.gatewayUrls),
      await auditWhenQuiet('growth: the grown bank', grown.cluster.gatewayUrls),
    ];
    const ratio = rates.grown.perSecond / rates.empty.perSecond;
    return { entries, unanswered, ...rates, ratio, fillSeconds, drainSeconds, audits };
  } finally {
    await Promise.all(banks.map(({ signal }) => signal('SIGCONT')));
    for (const { cluster } of banks) await cluster.discard();
  }
}

interface ResidentBank {
  readonly cluster: RunningCluster;
  /** To all of its processes: what one bank does by itself must not cost the other one that is measured. */
  readonly signal: (signal: 'SIGSTOP' | 'SIGCONT') => Promise<void>;
}

/** With two brokers, one of which is away. It is among `banks`, which the caller discards, before anything of it can fail. */
async function openBank(banks: ResidentBank[]): Promise<ResidentBank> {
  const cluster = await startScratchCluster({ topology: 'sharded', accounts: 2 });
  const names: string[] = [];
  const signal = async (sent: 'SIGSTOP' | 'SIGCONT') => {
    for (const name of names) await cluster.kill(name, sent);
  };
  const bank = { cluster, signal };
  banks.push(bank);
  for (const name of DEAD.replicas) await cluster.kill(name);
  const { gateways, replicas, channels, databases } = await cluster.status();
  const members = [...gateways, ...replicas, ...channels, ...databases];
  names.push(...members.filter(({ pid }) => pid !== null).map(({ name }) => name));
  return bank;
}

const placeOf = ({ cluster }: ResidentBank, { broker, database }: typeof LIVING) => ({
  hostUrl: cluster.databaseUrl(database),
  terminalUrl: cluster.databaseUrl('terminal'),
  broker,
});

async function measureInTurn(
  empty: ResidentBank,
  grown: ResidentBank,
  options: GrowthOptions,
  report: (line: string) => void,
): Promise<Pick<GrowthReport, 'empty' | 'grown'>> {
  const cards = firstCards(options.atms);
  const measure = async (bank: ResidentBank, seconds: { warmUpSeconds: number; measuredSeconds: number }) => {
    const other = bank === empty ? grown : empty;
    await other.signal('SIGSTOP');
    const result = await measureRate(bank.cluster, { cards, ...seconds });
    await other.signal('SIGCONT');
    return result;
  };
  for (const bank of [empty, grown]) {
    const breakIn = await measure(bank, { warmUpSeconds: 0, measuredSeconds: options.breakInSeconds });
    if (breakIn.failures === 0) continue;
    throw new Error(`${breakIn.failures} failed before the measurement: ${breakIn.failed.join('; ')}`);
  }
  const rounds = new Rounds();
  const measured = (name: string, bank: ResidentBank) =>
    rounds.add(async () => {
      const result = await measure(bank, options);
      report(`${name}: ${rateOf(result)}`);
      return result;
    });
  const results = { empty: measured('empty', empty), grown: measured('grown', grown) };
  await rounds.run(options.rounds);
  return { empty: measuredOf(results.empty), grown: measuredOf(results.grown) };
}

/** The dead broker. Answers how many seconds it takes until nothing waits for it; an audit before that would take long to say what is known. */
async function bringBack({ cluster }: ResidentBank): Promise<number> {
  const startedAt = performance.now();
  for (const name of DEAD.replicas) await cluster.start(name);
  const client = new pg.Client({ connectionString: cluster.databaseUrl('terminal') });
  await client.connect();
  try {
    const isEmpty = async () => (await client.query('SELECT FROM messaging.transmission_queue LIMIT 1')).rowCount === 0;
    await eventually('an empty transmission queue', isEmpty, DRAIN_MS_MAX);
  } finally {
    await client.end();
  }
  return (performance.now() - startedAt) / 1_000;
}

const rateOf = ({ perSecond, answer, failures }: LoadResult) =>
  `${perSecond.toFixed(0)}/s, answer p50 ${answer.p50.toFixed(1)} ms, p99 ${answer.p99.toFixed(1)} ms, ${failures} failed`;
