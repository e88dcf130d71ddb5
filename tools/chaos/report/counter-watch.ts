import type { Target } from '../target/target.js';

const LOOK_MS = 1_000;

/** For the last looks: a figure less is better than a report that never comes, milliseconds. */
const STOP_MS_MAX = 10_000;

const pause = (milliseconds: number) => new Promise<void>((resolve) => setTimeout(resolve, milliseconds).unref());

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

  constructor(
    private readonly target: Target,
    private readonly names: readonly string[],
  ) {
    this.timer = setInterval(() => {
      if (!this.busy) this.looking = this.look();
    }, LOOK_MS);
  }

  total(name: string): number {
    return this.totals.get(name) ?? 0;
  }

  /** Looks once more and stops. */
  async stop(): Promise<void> {
    clearInterval(this.timer);
    await Promise.race([this.looking.then(() => this.look()), pause(STOP_MS_MAX)]);
  }

  private async look(): Promise<void> {
    this.busy = true;
    const texts = await this.target.metrics().catch(() => new Map<string, string>());
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
