import type { RunningCluster } from '../../cluster/start-cluster.js';
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
  /** From the return of the dead broker until all messages that waited for it are answered. */
  readonly drainSeconds: number;
  /** Of both banks after everything, with both brokers alive. */
  readonly audits: readonly AuditVerdict[];
}

/** Longest wait for all messages that nobody answered to be posted and for an audit that says so, milliseconds. */
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
    const audits = [await auditAgain('growth: the empty bank', empty)];
    const returnedAt = Date.now();
    audits.push(await auditAgain('growth: the grown bank', grown));
    const drainSeconds = (Date.now() - returnedAt) / 1_000;
    report(`the dead broker returned: all posted and audited after ${drainSeconds.toFixed(0)} s`);
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

/** With the dead broker back, once everything that waited for it is posted. */
async function auditAgain(after: string, { cluster }: ResidentBank): Promise<AuditVerdict> {
  for (const name of DEAD.replicas) await cluster.start(name);
  return auditWhenQuiet(after, cluster.gatewayUrls, DRAIN_MS_MAX);
}

const rateOf = ({ perSecond, answer, failures }: LoadResult) =>
  `${perSecond.toFixed(0)}/s, answer p50 ${answer.p50.toFixed(1)} ms, p99 ${answer.p99.toFixed(1)} ms, ${failures} failed`;
