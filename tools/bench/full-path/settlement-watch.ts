import pg from 'pg';
import { percentilesOf, type Percentiles } from '../percentiles.js';

const POLL_MS = 2;

/** Withdrawals of one sample. */
const SAMPLE = 8;

/** Between two samples, milliseconds: looking costs what is being measured. */
const REST_MS = 250;

/**
 * How long it takes until a withdrawal that was answered is settled: the moment at which any reader of the terminal database sees it,
 * found by looking every two milliseconds at a small sample until all of it is settled, and at the next one after a rest. What it finds
 * is never too early.
 */
export class SettlementWatch {
  private readonly waiting = new Map<string, number>();
  private readonly durations: number[] = [];
  private readonly client: pg.Client;
  private watching = Promise.resolve();
  private isOpen = true;
  /** How many more the sample takes. */
  private room = 0;

  private constructor(url: string) {
    this.client = new pg.Client({ connectionString: url });
  }

  static async open(terminalDatabaseUrl: string): Promise<SettlementWatch> {
    const watch = new SettlementWatch(terminalDatabaseUrl);
    await watch.client.connect();
    watch.watching = watch.watch();
    return watch;
  }

  /** A withdrawal was answered just now. */
  add(withdrawalId: string): void {
    if (this.room === 0) return;
    this.room--;
    this.waiting.set(withdrawalId, performance.now());
  }

  /** Waits for what is still watched (bounded by `patienceMs`). */
  async close(patienceMs = 10_000): Promise<Percentiles & { readonly unsettled: number }> {
    const deadline = performance.now() + patienceMs;
    this.room = 0;
    while (this.waiting.size > 0 && performance.now() < deadline) await pause(POLL_MS);
    this.isOpen = false;
    await this.watching;
    await this.client.end();
    return { ...percentilesOf(this.durations), unsettled: this.waiting.size };
  }

  private async watch(): Promise<void> {
    while (this.isOpen) {
      this.room = SAMPLE;
      while (this.isOpen && this.room + this.waiting.size > 0) {
        if (this.waiting.size > 0) await this.look();
        await pause(POLL_MS);
      }
      await pause(REST_MS);
    }
  }

  private async look(): Promise<void> {
    const { rows } = await this.client.query<{ withdrawal_id: string }>({
      name: 'settled',
      text: `SELECT withdrawal_id FROM withdrawal WHERE withdrawal_id = ANY($1::uuid[]) AND state = 'settled'`,
      values: [[...this.waiting.keys()]],
    });
    const now = performance.now();
    for (const { withdrawal_id: id } of rows) {
      this.durations.push(now - (this.waiting.get(id) ?? now));
      this.waiting.delete(id);
    }
  }
}

const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));
