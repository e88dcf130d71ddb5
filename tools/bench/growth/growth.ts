import { chmodSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type RunningCluster, startCluster } from '../../cluster/start-cluster.js';
import { BankClient } from '../full-path/bank-client.js';
import { type LoadResult, runLoad } from '../full-path/load.js';
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
}

/**
 * Whether a bank slows down as it grows: the same load on an empty bank and on one with a long past and many messages that nobody answers. The
 * dead broker is away in both measurements.
 */
export async function measureGrowth(options: GrowthOptions, report: (line: string) => void): Promise<GrowthReport> {
  const dataDir = mkdtempSync(join(tmpdir(), 'cashpoint-growth-'));
  chmodSync(dataDir, 0o711);
  const cluster = await startCluster({ dataDir, topology: 'sharded', accounts: 2 });
  try {
    for (const number of [1, 2]) await cluster.kill(`${DEAD.broker}-${number}`);
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
    return { entries, unanswered, empty, grown, ratio: grown.perSecond / empty.perSecond, fillSeconds };
  } finally {
    await cluster.discard();
  }
}

async function measure(cluster: RunningCluster, options: GrowthOptions): Promise<LoadResult> {
  const client = new BankClient(cluster.gatewayUrls, options.atms);
  try {
    const cards = Array.from({ length: options.atms }, (_, index) => index + 1);
    const atms = await Promise.all(cards.map((card) => client.openSession(card)));
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
