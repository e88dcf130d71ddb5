import type { RunningCluster } from '../../cluster/start-cluster.js';
import type { Percentiles } from '../percentiles.js';
import { BankClient, type VirtualAtm } from './bank-client.js';
import { fillCassettes } from './fill-cassettes.js';
import { type LoadResult, runLoad } from './load.js';
import { SettlementWatch } from './settlement-watch.js';
import { measureCost, type WithdrawalCost } from './withdrawal-cost.js';

export interface PathOptions {
  /** One virtual ATM for each of these demo cards. */
  readonly cards: readonly number[];
  readonly warmUpSeconds: number;
  readonly measuredSeconds: number;
  /** Withdrawals per second, all ATMs together; as many as the bank answers where not given. */
  readonly perSecond?: number;
}

export interface PathFigures extends LoadResult {
  /** From the answer until the withdrawal is settled, milliseconds; of a sample. */
  readonly settled: Percentiles & { readonly unsettled: number };
  readonly cost: WithdrawalCost;
}

/**
 * The whole way of the money, measured over HTTP through the gateways: each virtual ATM has one session (PIN verified when it is opened,
 * before the measurement) and takes cash in one step, again and again: authorised with a hold, dispensed, posted and settled like any other.
 */
export async function measurePath(cluster: RunningCluster, options: PathOptions): Promise<PathFigures> {
  const { cards, perSecond } = options;
  const client = new BankClient(cluster.gatewayUrls);
  try {
    const atms = await openSessions(cluster, client, cards);
    const load = (seconds: number, onDispensed: (withdrawalId: string) => void) =>
      runLoad({
        ...{ client, atms, onDispensed, warmUpMs: 0, measuredMs: seconds * 1_000 },
        ...(perSecond === undefined ? {} : { perSecond }),
      });
    const warmUp = await load(options.warmUpSeconds, () => undefined);
    const watch = await SettlementWatch.open(cluster.databaseUrl('terminal'));
    const costOf = await measureCost(cluster);
    const measured = await load(options.measuredSeconds, (withdrawalId) => watch.add(withdrawalId));
    const cost = await costOf(measured.perSecond * options.measuredSeconds);
    return {
      ...measured,
      failures: warmUp.failures + measured.failures,
      failed: [...warmUp.failed, ...measured.failed],
      settled: await watch.close(),
      cost,
    };
  } finally {
    client.close();
  }
}

/** The same closed loop, with its rate and times only. */
export async function measureRate(
  cluster: RunningCluster,
  { cards, warmUpSeconds, measuredSeconds }: Omit<PathOptions, 'perSecond'>,
): Promise<LoadResult> {
  const client = new BankClient(cluster.gatewayUrls);
  try {
    const atms = await openSessions(cluster, client, cards);
    return await runLoad({ client, atms, warmUpMs: warmUpSeconds * 1_000, measuredMs: measuredSeconds * 1_000 });
  } finally {
    client.close();
  }
}

/** At terminals whose cassettes are full, one after the other: their PINs are verified at the account. */
async function openSessions(
  { gatewayUrls: [gateway = ''] }: RunningCluster,
  client: BankClient,
  cards: readonly number[],
): Promise<VirtualAtm[]> {
  await fillCassettes(gateway);
  const atms: VirtualAtm[] = [];
  for (const card of cards) atms.push(await client.openSession(card));
  return atms;
}

/** The first demo cards: without limits, and with money for any measurement. */
export const firstCards = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1);
