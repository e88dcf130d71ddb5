import { auditWhenQuiet, type AuditVerdict } from '../audit-when-quiet.js';
import type { LoadResult } from '../full-path/load.js';
import { firstCards, measureRate } from '../full-path/measure-path.js';
import { startScratchCluster } from '../scratch-cluster.js';
import { writePast, writeUnanswered } from './filling.js';

/** The broker whose customers take cash, and the one that is away. */
const LIVING = { broker: 'account-a', database: 'account_a' };
const DEAD = { broker: 'account-b', database: 'account_b' };

export interface GrowthOptions {
  /** Entries that the living broker's ledger is given. */
  readonly entries: number;
  /** Messages that wait for the dead one. */
  readonly unanswered: number;
  /** Virtual ATMs in a closed loop; at most 48, since each has a card of its own at the living broker. */
  readonly atms: number;
  /** Of load before each measurement: a bank that has just started is slow, and so is one whose past was just written past its caches. */
  readonly breakInSeconds: number;
  readonly warmUpSeconds: number;
  readonly measuredSeconds: number;
}

export interface GrowthReport {
  readonly entries: number;
  readonly unanswered: number;
  readonly empty: LoadResult;
  readonly grown: LoadResult;
  /** Rate of the grown bank over that of the empty one. */
  readonly ratio: number;
  readonly fillSeconds: number;
  /** From the return of the dead broker until all messages that waited for it are answered. */
  readonly drainSeconds: number;
  /** After everything, with both brokers alive. */
  readonly audit: AuditVerdict;
}

/** Longest wait for all messages that nobody answered to be posted and for an audit that says so, milliseconds. */
const DRAIN_MS_MAX = 1_800_000;

/**
 * Whether a bank slows down as it grows: the same load on an empty bank and on one with a long past and many messages that nobody answers. The
 * dead broker is away in both measurements.
 */
export async function measureGrowth(options: GrowthOptions, report: (line: string) => void): Promise<GrowthReport> {
  const cluster = await startScratchCluster({ topology: 'sharded', accounts: 2 });
  const dead = [1, 2].map((number) => `${DEAD.broker}-${number}`);
  try {
    for (const name of dead) await cluster.kill(name);
    const cards = firstCards(options.atms);
    const measure = async () => {
      const breakIn = await measureRate(cluster, { cards, warmUpSeconds: 0, measuredSeconds: options.breakInSeconds });
      if (breakIn.failures > 0)
        throw new Error(`${breakIn.failures} failed before the measurement: ${breakIn.failed.join('; ')}`);
      return measureRate(cluster, { ...options, cards });
    };
    const empty = await measure();
    report(`empty: ${rateOf(empty)}`);
    const startedAt = Date.now();
    const filling = (at: typeof LIVING, withdrawals: number) => ({
      hostUrl: cluster.databaseUrl(at.database),
      terminalUrl: cluster.databaseUrl('terminal'),
      broker: at.broker,
      withdrawals,
    });
    const entries = await writePast(filling(LIVING, options.entries), report);
    const unanswered = await writeUnanswered(filling(DEAD, options.unanswered), report);
    const fillSeconds = (Date.now() - startedAt) / 1_000;
    const grown = await measure();
    report(`with ${entries} entries and ${unanswered} unanswered messages: ${rateOf(grown)}`);
    const returnedAt = Date.now();
    for (const name of dead) await cluster.start(name);
    const audit = await auditWhenQuiet('growth', cluster.gatewayUrls, DRAIN_MS_MAX);
    const drainSeconds = (Date.now() - returnedAt) / 1_000;
    report(`the dead broker returned: all posted and audited after ${drainSeconds.toFixed(0)} s`);
    const ratio = grown.perSecond / empty.perSecond;
    return { entries, unanswered, empty, grown, ratio, fillSeconds, drainSeconds, audit };
  } finally {
    await cluster.discard();
  }
}

const rateOf = ({ perSecond, answer, failures }: LoadResult) =>
  `${perSecond.toFixed(0)}/s, answer p50 ${answer.p50.toFixed(1)} ms, p99 ${answer.p99.toFixed(1)} ms, ${failures} failed`;
