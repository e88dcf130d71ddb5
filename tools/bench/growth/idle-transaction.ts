import pg from 'pg';
import type { RunningCluster } from '../../cluster/start-cluster.js';
import { type AuditVerdict, auditWhenQuiet } from '../audit-when-quiet.js';
import { BankClient } from '../full-path/bank-client.js';
import { type LoadResult, runLoad } from '../full-path/load.js';
import { firstCards } from '../full-path/measure-path.js';
import { startScratchCluster } from '../scratch-cluster.js';

export interface IdleTransactionOptions {
  /** Withdrawals that are made while the transaction is open, before the rate is measured again: an hour's worth. */
  readonly withdrawals: number;
  /** They may take so long; then the rate is measured with as many as there are. */
  readonly secondsMax: number;
  readonly atms: number;
  /** Of load before anything is measured. */
  readonly breakInSeconds: number;
  readonly warmUpSeconds: number;
  readonly measuredSeconds: number;
}

export interface IdleTransactionReport {
  readonly without: LoadResult;
  readonly with: LoadResult;
  /** Withdrawals whose row versions could not be cleaned up when `with` began. */
  readonly withdrawals: number;
  readonly ratio: number;
  readonly audit: AuditVerdict;
}

const DATABASES = ['account_a', 'terminal'];

/** Between two looks at how many there are, milliseconds. */
const STRETCH_MS = 10_000;

/** Whether a transaction that somebody left open slows the bank down: the same load before it, and after an hour's worth of row versions that it keeps. */
export async function measureIdleTransaction(
  options: IdleTransactionOptions,
  report: (line: string) => void,
): Promise<IdleTransactionReport> {
  const { atms, breakInSeconds, warmUpSeconds, measuredSeconds } = options;
  const cluster = await startScratchCluster();
  const client = new BankClient(cluster.gatewayUrls);
  const ends: (() => Promise<void>)[] = [];
  try {
    const sessions = await Promise.all(firstCards(atms).map((card) => client.openSession(card)));
    const load = { client, atms: sessions };
    const measure = () => runLoad({ ...load, warmUpMs: warmUpSeconds * 1_000, measuredMs: measuredSeconds * 1_000 });
    await runLoad({ ...load, warmUpMs: 0, measuredMs: breakInSeconds * 1_000 });
    const without = await measure();
    report(`without: ${without.perSecond.toFixed(0)}/s`);
    for (const database of DATABASES) ends.push(await leaveTransactionOpen(cluster, database));
    let withdrawals = 0;
    const deadline = Date.now() + options.secondsMax * 1_000;
    while (withdrawals < options.withdrawals && Date.now() < deadline) {
      await runLoad({ ...load, warmUpMs: 0, measuredMs: STRETCH_MS, onDispensed: () => void withdrawals++ });
    }
    const held = await measure();
    report(`with a transaction open for ${withdrawals} withdrawals: ${held.perSecond.toFixed(0)}/s`);
    for (const end of ends.splice(0)) await end();
    const audit = await auditWhenQuiet('idle transaction', cluster.gatewayUrls);
    return { without, with: held, withdrawals, ratio: held.perSecond / without.perSecond, audit };
  } finally {
    await Promise.allSettled(ends.map((end) => end()));
    client.close();
    await cluster.discard();
  }
}

/** With an id and a snapshot of its own, so that nothing that dies from now on may be cleaned up. Answers what ends it. */
async function leaveTransactionOpen(cluster: RunningCluster, database: string): Promise<() => Promise<void>> {
  const session = new pg.Client({ connectionString: cluster.databaseUrl(database) });
  await session.connect();
  await session.query('SET idle_in_transaction_session_timeout = 0');
  await session.query('BEGIN ISOLATION LEVEL REPEATABLE READ');
  await session.query('SELECT pg_current_xact_id()');
  return () => session.end();
}
