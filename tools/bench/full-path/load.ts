import { percentilesOf, type Percentiles } from '../percentiles.js';
import type { BankClient, VirtualAtm } from './bank-client.js';

/** A single note each, in turn, so that no cassette runs dry before the measurement ends. */
const AMOUNTS = [1_000, 2_000, 5_000, 10_000];

const FAILURES_KEPT = 5;

export interface LoadOptions {
  readonly client: BankClient;
  readonly atms: readonly VirtualAtm[];
  /** Not counted: connections, caches and prepared statements come into being. */
  readonly warmUpMs: number;
  readonly measuredMs: number;
  /** Withdrawals per second, all ATMs together; as many as the bank answers where not given. */
  readonly perSecond?: number;
  /** Told of every cash that came. */
  readonly onDispensed?: (withdrawalId: string) => void;
}

export interface LoadResult {
  /** Withdrawals answered with cash per second. */
  readonly perSecond: number;
  /** From the request to the whole answer. */
  readonly answer: Percentiles;
  /** Withdrawals that brought no cash, in words (the first few of them). */
  readonly failures: number;
  readonly failed: readonly string[];
}

/**
 * Takes cash at all ATMs at once. Closed loop: each asks again as soon as it is answered. Paced: calls begin at even intervals at
 * whichever ATM is free, and their time counts from when they should have begun, so that a bank that stalls does not look fast.
 */
export async function runLoad(options: LoadOptions): Promise<LoadResult> {
  const { client, atms, warmUpMs, measuredMs, perSecond } = options;
  const beginsAt = performance.now() + warmUpMs;
  const endsAt = beginsAt + measuredMs;
  const durations: number[] = [];
  const failed: string[] = [];
  let failures = 0;
  const takeCash = async (atm: VirtualAtm, turn: number, dueAt: number) => {
    try {
      const withdrawalId = await client.withdraw(atm, AMOUNTS[turn % AMOUNTS.length] as number);
      const now = performance.now();
      if (dueAt < beginsAt || now > endsAt) return;
      durations.push(now - dueAt);
      options.onDispensed?.(withdrawalId);
    } catch (error) {
      failures++;
      if (failed.length < FAILURES_KEPT) failed.push(error instanceof Error ? error.message : String(error));
    }
  };
  const schedule = perSecond === undefined ? null : evenIntervals(performance.now(), 1_000 / perSecond);
  await Promise.all(
    atms.map(async (atm) => {
      for (let turn = 0; ; turn++) {
        const dueAt = schedule?.next() ?? performance.now();
        if (dueAt >= endsAt) return;
        await until(dueAt);
        await takeCash(atm, turn, dueAt);
      }
    }),
  );
  return { perSecond: durations.length / (measuredMs / 1_000), answer: percentilesOf(durations), failures, failed };
}

function evenIntervals(beginsAt: number, intervalMs: number): { next: () => number } {
  let turn = 0;
  return { next: () => beginsAt + intervalMs * turn++ };
}

/** Timers have a resolution of a millisecond; what is due within it begins now. */
async function until(time: number): Promise<void> {
  const waitMs = time - performance.now();
  if (waitMs > 0.5) await new Promise((resolve) => setTimeout(resolve, waitMs));
}
