import pg from 'pg';
import { type AuditVerdict, auditWhenQuiet } from '../audit-when-quiet.js';
import { BankClient } from '../full-path/bank-client.js';
import { type LoadResult, runLoad } from '../full-path/load.js';
import { firstCards } from '../full-path/measure-path.js';
import { startScratchCluster } from '../scratch-cluster.js';

export interface IdleTransactionOptions {
  /** Whether its session forbids the database to end it (`idle_in_transaction_session_timeout`). */
  readonly held: boolean;
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
  /** Made since the transactions began. */
  readonly withdrawals: number;
  /** Whether the transactions were still open then. */
  readonly stillOpen: boolean;
  readonly ratio: number;
  readonly audit: AuditVerdict;
}

const DATABASES = ['account_a', 'terminal'];

/** Between two looks at how many there are, milliseconds. */
const STRETCH_MS = 10_000;

/**
 * Whether a transaction that somebody left open slows the bank down: the same load before it, and after an hour's worth of row versions that it
 * keeps, if the database lets it.
 */
export async function measureIdleTransaction(
  options: IdleTransactionOptions,
  report: (line: string) => void,
): Promise<IdleTransactionReport> {
  const { atms, breakInSeconds, warmUpSeconds, measuredSeconds } = options;
  const cluster = await startScratchCluster();
  const client = new BankClient(cluster.gatewayUrls);
  const sessions: LeftOpen[] = [];
  try {
    const machines = await Promise.all(firstCards(atms).map((card) => client.openSession(card)));
    const load = { client, atms: machines };
    const measure = () => runLoad({ ...load, warmUpMs: warmUpSeconds * 1_000, measuredMs: measuredSeconds * 1_000 });
    await runLoad({ ...load, warmUpMs: 0, measuredMs: breakInSeconds * 1_000 });
    const without = await measure();
    report(`without: ${without.perSecond.toFixed(0)}/s`);
    for (const database of DATABASES) sessions.push(await LeftOpen.begin(cluster.databaseUrl(database), options.held));
    let withdrawals = 0;
    const deadline = Date.now() + options.secondsMax * 1_000;
    while (withdrawals < options.withdrawals && Date.now() < deadline) {
      await runLoad({ ...load, warmUpMs: 0, measuredMs: STRETCH_MS, onDispensed: () => void withdrawals++ });
    }
    const after = await measure();
    const stillOpen = sessions.every(({ isOpen }) => isOpen);
    const fate = stillOpen ? 'still open' : 'ended by the database';
    report(`${withdrawals} withdrawals after a transaction was left open (${fate}): ${after.perSecond.toFixed(0)}/s`);
    await Promise.all(sessions.map((session) => session.close()));
    const audit = await auditWhenQuiet('idle transaction', cluster.gatewayUrls);
    return { without, with: after, withdrawals, stillOpen, ratio: after.perSecond / without.perSecond, audit };
  } finally {
    await Promise.allSettled(sessions.map((session) => session.close()));
    client.close();
    await cluster.discard();
  }
}

/** A session that has begun a transaction, with an id and a snapshot of its own, so that nothing that dies from now on may be cleaned up. */
class LeftOpen {
  isOpen = true;

  private constructor(private readonly session: pg.Client) {
    // The database may end it, and says so with an error.
    session.on('error', () => (this.isOpen = false));
  }

  static async begin(url: string, held: boolean): Promise<LeftOpen> {
    const session = new pg.Client({ connectionString: url });
    const leftOpen = new LeftOpen(session);
    await session.connect();
    if (held) await session.query('SET idle_in_transaction_session_timeout = 0');
    await session.query('BEGIN ISOLATION LEVEL REPEATABLE READ');
    await session.query('SELECT pg_current_xact_id()');
    return leftOpen;
  }

  async close(): Promise<void> {
    if (this.isOpen) await this.session.end();
    this.isOpen = false;
  }
}
