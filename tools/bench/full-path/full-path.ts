import { chmodSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AuditBody } from '#contracts';
import { type RunningCluster, startCluster, type StartClusterOptions } from '../../cluster/start-cluster.js';
import { createDatabases } from '../../servers/postgres-server.js';
import { measureDatabaseLimit } from '../database-limit.js';
import type { Percentiles } from '../percentiles.js';
import { BankClient, type VirtualAtm } from './bank-client.js';
import { type ClusterCost, measureCost } from './cluster-cost.js';
import { type LoadResult, runLoad } from './load.js';
import { SettlementWatch } from './settlement-watch.js';

const LIMIT_DATABASE = 'database_limit';

/** Longest wait for everything that is on its way to be settled before the audit, milliseconds. */
const QUIET_MS_MAX = 60_000;

export interface FullPathOptions {
  /** Virtual ATMs of the closed loop; one run for each number. */
  readonly atms: readonly number[];
  readonly warmUpSeconds: number;
  readonly measuredSeconds: number;
  readonly limitSeconds: number;
  readonly cluster?: Partial<StartClusterOptions>;
}

export interface FullPathRun extends LoadResult {
  readonly atms: number;
  /** `closed`: as fast as the bank answers. `paced`: a quarter of what the last closed run reached. */
  readonly loop: 'closed' | 'paced';
  /** From the answer until the withdrawal is settled; of a sample. */
  readonly settled: Percentiles & { readonly unsettled: number };
  readonly cost: ClusterCost;
}

export interface FullPathReport {
  /** Withdrawals per second that the database alone can commit, measured on the same server before the runs. */
  readonly databaseLimit: number;
  readonly runs: readonly FullPathRun[];
  /** Of every invariant, after the last run. */
  readonly audit: Pick<AuditBody, 'balanced' | 'inFlight'> & { readonly failed: readonly string[] };
}

/**
 * The whole way of the money, measured over HTTP through the gateways of a cluster of its own: each virtual ATM has one session (PIN
 * verified when it is opened, before the measurement) and takes cash in one step, again and again: authorised with a hold, dispensed,
 * posted and settled like any other.
 */
export async function measureFullPath(
  options: FullPathOptions,
  report: (line: string) => void,
): Promise<FullPathReport> {
  const cluster = await startCluster({ dataDir: newFolder(), ...options.cluster });
  try {
    await createDatabases(cluster.databaseUrl('postgres'), [LIMIT_DATABASE]);
    const databaseLimit = await measureDatabaseLimit(cluster.databaseUrl(LIMIT_DATABASE), options.limitSeconds);
    report(`database alone: ${databaseLimit.toFixed(0)}/s`);
    const runs: FullPathRun[] = [];
    const run = async (atms: number, perSecond?: number) => {
      const result = await measure(cluster, options, atms, perSecond);
      runs.push(result);
      report(lineOf(result, databaseLimit));
      return result;
    };
    let fastest = 0;
    for (const atms of options.atms) fastest = (await run(atms)).perSecond;
    await run(options.atms.at(-1) ?? 1, fastest / 4);
    return { databaseLimit, runs, audit: await auditWhenQuiet(cluster) };
  } finally {
    await cluster.discard();
  }
}

async function measure(
  cluster: RunningCluster,
  options: FullPathOptions,
  atms: number,
  perSecond: number | undefined,
): Promise<FullPathRun> {
  const client = new BankClient(cluster.gatewayUrls, atms);
  const watch = await SettlementWatch.open(cluster.databaseUrl('terminal'));
  try {
    const machines: VirtualAtm[] = [];
    for (let card = 1; card <= atms; card++) machines.push(await client.openSession(card));
    const cost = await measureCost(cluster);
    const load = await runLoad({
      client,
      atms: machines,
      warmUpMs: options.warmUpSeconds * 1_000,
      measuredMs: options.measuredSeconds * 1_000,
      onDispensed: (withdrawalId) => watch.add(withdrawalId),
      ...(perSecond === undefined ? {} : { perSecond }),
    });
    const used = await cost();
    return {
      atms,
      loop: perSecond === undefined ? 'closed' : 'paced',
      ...load,
      settled: await watch.close(),
      cost: used,
    };
  } finally {
    await client.close();
  }
}

async function auditWhenQuiet(cluster: RunningCluster): Promise<FullPathReport['audit']> {
  const deadline = Date.now() + QUIET_MS_MAX;
  for (;;) {
    const { balanced, inFlight, checks } = await audit(cluster.gatewayUrls[0] ?? '');
    if (inFlight === 0 || Date.now() > deadline) {
      return { balanced, inFlight, failed: checks.filter(({ ok }) => !ok).map(({ name }) => name) };
    }
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

async function audit(gateway: string): Promise<AuditBody> {
  const response = await fetch(`${gateway}/v1/operator/audit`, { headers: { authorization: 'Bearer demo-operator' } });
  if (!response.ok) throw new Error(`the audit answers ${response.status}: ${await response.text()}`);
  return (await response.json()) as AuditBody;
}

/** The database may run as another user, who must be able to pass through. */
function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'cashpoint-bench-'));
  chmodSync(folder, 0o711);
  return folder;
}

function lineOf(
  { atms, loop, perSecond, answer, settled, failures, failed, cost }: FullPathRun,
  limit: number,
): string {
  const times = ({ p50, p99, p999 }: Percentiles) => [p50, p99, p999].map((ms) => ms.toFixed(1)).join(' / ');
  const withdrawals = perSecond * cost.seconds;
  const per = (amounts: Readonly<Record<string, number>>, unit: number) =>
    Object.entries(amounts)
      .map(([name, amount]) => `${name} ${((amount * unit) / withdrawals).toFixed(unit === 1 ? 2 : 0)}`)
      .join(', ');
  return [
    `${atms} ATMs, ${loop}: ${perSecond.toFixed(0)}/s = ${(perSecond / limit).toFixed(3)} of the limit`,
    `  answer p50 / p99 / p99.9: ${times(answer)} ms; answer → settled: ${times(settled)} ms` +
      (settled.unsettled > 0 ? `; ${settled.unsettled} not settled` : ''),
    ...(cost.cpuSeconds === null ? [] : [`  µs of CPU per withdrawal: ${per(cost.cpuSeconds, 1e6)}`]),
    `  transactions per withdrawal: ${per(cost.transactions, 1)}`,
    ...(failures > 0 ? [`  ${failures} failed: ${failed.join('; ')}`] : []),
  ].join('\n');
}
