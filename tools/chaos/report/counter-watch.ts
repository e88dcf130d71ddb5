import { within } from '../../within.js';
import type { Target } from '../target/target.js';

const LOOK_MS = 1_000;

/** For one look: a figure less is better than a report that never comes, milliseconds. */
const LOOK_MS_MAX = 5_000;

/**
 * Adds up a Prometheus counter over all replicas and all their lives, by looking every second. What a replica counts between the last look
 * and its death is not seen, so the sum is a lower bound.
 */
export class CounterWatch {
  private readonly last = new Map<string, number>();
  private readonly totals = new Map<string, number>();
  private looking: Promise<void> = Promise.resolve();
  private readonly timer: NodeJS.Timeout;
  private busy = false;
  private stopping: Promise<void> | undefined;

  constructor(
    private readonly target: Pick<Target, 'metrics'>,
    private readonly names: readonly string[],
    private readonly lookMsMax = LOOK_MS_MAX,
  ) {
    this.timer = setInterval(() => {
      if (!this.busy) this.looking = this.look();
    }, LOOK_MS);
  }

  total(name: string): number {
    return this.totals.get(name) ?? 0;
  }

  /** Looks once more and stops. */
  stop(): Promise<void> {
    clearInterval(this.timer);
    return (this.stopping ??= this.looking.then(() => this.look()));
  }

  private async look(): Promise<void> {
    this.busy = true;
    const texts = await within('counters', this.lookMsMax, this.target.metrics()).catch(
      () => new Map<string, string>(),
    );
    for (const [replica, text] of texts) for (const name of this.names) this.take(replica, name, counterIn(text, name));
    this.busy = false;
  }

  private take(replica: string, name: string, value: number): void {
    const key = `${name} ${replica}`;
    const before = this.last.get(key) ?? 0;
    // A smaller number than before is a new life's.
    this.totals.set(name, this.total(name) + (value >= before ? value - before : value));
    this.last.set(key, value);
  }
}

/** Sum over all labels. */
export function counterIn(text: string, name: string): number {
  const lines = text.split('\n').filter((line) => line.startsWith(`${name} `) || line.startsWith(`${name}{`));
  return lines.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' '))), 0);
}
