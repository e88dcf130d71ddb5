import type { RunningCluster } from '../../cluster/start-cluster.js';
import { auditWhenQuiet, type AuditVerdict } from '../audit-when-quiet.js';
import { BankClient } from '../full-path/bank-client.js';
import { type LoadResult, runLoad } from '../full-path/load.js';
import { firstCards } from '../full-path/measure-path.js';
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

/** Longest wait for all messages that nobody answered to be posted, milliseconds. */
const DRAIN_MS_MAX = 600_000;

/**
 * Whether a bank slows down as it grows: the same load on an empty bank and on one with a long past and many messages that nobody answers. The
 * dead broker is away in both measurements.
 */
export async function measureGrowth(options: GrowthOptions, report: (line: string) => void): Promise<GrowthReport> {
  const cluster = await startScratchCluster({ topology: 'sharded', accounts: 2 });
  const dead = [1, 2].map((number) => `${DEAD.broker}-${number}`);
  try {
    for (const name of dead) await cluster.kill(name);
    const empty = await measure(cluster, options);
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
    const grown = await measure(cluster, options);
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

async function measure(cluster: RunningCluster, options: GrowthOptions): Promise<LoadResult> {
  const client = new BankClient(cluster.gatewayUrls, options.atms);
  try {
    const atms = await Promise.all(firstCards(options.atms).map((card) => client.openSession(card)));
    return await runLoad({
      client,
      atms,
      warmUpMs: options.warmUpSeconds * 1_000,
      measuredMs: options.measuredSeconds * 1_000,
    });
  } finally {
    await client.close();
  }
}

const rateOf = ({ perSecond, answer, failures }: LoadResult) =>
  `${perSecond.toFixed(0)}/s, answer p50 ${answer.p50.toFixed(1)} ms, p99 ${answer.p99.toFixed(1)} ms, ${failures} failed`;
