import { signal } from '@preact/signals';
import { type DemoCustomers, inHand, type TakenCash } from '../api/bank.js';

/** Most withdrawals a second; one page should show a cluster at work, not measure it. */
export const LOAD_MAX = 20;

/** More than these are not begun while the earlier ones have no answer. */
const IN_FLIGHT_MAX = 40;

/** Cards of the crowd: scenarios have others, the demo's special ones have limits, and the first two may be blocked by visitors of `/atm`. */
const FIRST_CARD = 3;
const CARDS = 58;

const AMOUNTS = [2_000, 5_000, 10_000, 20_000, 7_000];

const SECOND_MS = 1_000;

/** Customers who keep coming: `perSecond` withdrawals, spread over cards and terminals. */
export class LoadGenerator {
  readonly perSecond = signal(0);
  readonly taken = signal(0);
  readonly refused = signal(0);
  readonly last = signal<TakenCash | null>(null);
  private turn = 0;
  private inFlight = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;

  /** They take turns, so that all gateways have something to do. */
  constructor(private readonly customers: readonly DemoCustomers[]) {}

  setRate(perSecond: number): void {
    const wasIdle = this.perSecond.value === 0;
    this.perSecond.value = Math.min(LOAD_MAX, Math.max(0, perSecond));
    if (wasIdle) this.next();
  }

  /** One more, whatever the rate. Never rejects. */
  async one(): Promise<void> {
    const turn = this.turn++;
    this.inFlight += 1;
    try {
      const customers = this.customers[turn % this.customers.length] as DemoCustomers;
      const taken = await customers.takeCash(FIRST_CARD + (turn % CARDS), AMOUNTS[turn % AMOUNTS.length] as number);
      if (inHand(taken.withdrawal) > 0) this.taken.value += 1;
      else this.refused.value += 1;
      this.last.value = taken;
      await customers.leave(taken);
    } catch {
      this.refused.value += 1;
    } finally {
      this.inFlight -= 1;
    }
  }

  private next(): void {
    clearTimeout(this.timer);
    if (this.perSecond.value === 0) return;
    if (this.inFlight < IN_FLIGHT_MAX) void this.one();
    this.timer = setTimeout(() => this.next(), SECOND_MS / this.perSecond.value);
  }
}
