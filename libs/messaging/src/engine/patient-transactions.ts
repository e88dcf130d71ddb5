import { isConnectionFault, type SqlTransaction, type TransactionRunner } from '#database';
import type { Clock } from '../ports/clock.js';
import type { Logger } from '../ports/logger.js';

/** Between two attempts, milliseconds. */
const PAUSE_MS = 500;

/** After this the work is left to the next sending of its message, milliseconds. */
const PATIENCE_MS = 20_000;

/**
 * Transactions that wait for a database that is not there (restart, fail-over) instead of failing, so that messages stay
 * where they are and go on the moment it is back. Only for work that may be run again after a commit whose answer was
 * lost, as everything behind the inbox may.
 */
export class PatientTransactions implements TransactionRunner {
  private waiting = false;
  private stopped = false;

  constructor(
    private readonly database: TransactionRunner,
    private readonly clock: Clock,
    private readonly logger: Logger,
  ) {}

  /** From now on nothing is waited for. */
  stop(): void {
    this.stopped = true;
  }

  async transaction<T>(work: (tx: SqlTransaction) => Promise<T>): Promise<T> {
    const deadline = this.clock.now() + PATIENCE_MS;
    for (;;) {
      let begun = false;
      try {
        const result = await this.database.transaction((tx) => {
          begun = true;
          return work(tx);
        });
        this.tell(false);
        return result;
      } catch (error) {
        if (this.stopped || this.clock.now() > deadline || (begun && !isConnectionFault(error))) throw error;
        this.tell(true, error);
      }
      await new Promise<void>((resolve) => void this.clock.after(PAUSE_MS, resolve));
    }
  }

  private tell(waiting: boolean, error?: unknown): void {
    if (this.waiting === waiting) return;
    this.waiting = waiting;
    if (waiting) this.logger.warn({ err: error }, 'database is away, messages wait for it');
    else this.logger.info({}, 'database is back');
  }
}
