import type { Clock } from '../ports/clock.js';
import type { Logger } from '../ports/logger.js';
import type { QuarantineStore } from '../ports/quarantine-store.js';
import type { Envelope } from '../protocol/envelope.js';

/** Between two looks while nothing is known to be due, milliseconds: what another replica left behind is found within it. */
const LOOK_MS = 30_000;

const TICK_MS = 50;

/** Messages of one look. */
const MESSAGES_MAX = 100;

/** After so long another replica may take a message that this one has taken, milliseconds. */
const LEASE_MS = 60_000;

export interface RetriesOptions {
  readonly store: QuarantineStore;
  /** Applies messages that are parked after a failure. Never rejects. */
  readonly retry: (envelopes: readonly Envelope[]) => Promise<void>;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Tries again what has failed, when it is due. Every replica looks; none leads. */
export class Retries {
  private cancel: () => void = () => undefined;
  /** When something is known to be due, milliseconds since 1970, in multiples of `TICK_MS`, so that they stay few. */
  private readonly dueTimes = new Set<number>();
  private stopped = true;
  private running: Promise<void> = Promise.resolve();

  constructor(private readonly options: RetriesOptions) {}

  start(): void {
    this.stopped = false;
    this.schedule();
  }

  /** Resolves when the retries under way, if any, are over. */
  async stop(): Promise<void> {
    this.stopped = true;
    this.cancel();
    await this.running;
  }

  /** Something is due in so many milliseconds. */
  lookIn(delayMs: number): void {
    this.dueTimes.add(Math.ceil((this.options.clock.now() + delayMs) / TICK_MS) * TICK_MS);
    this.schedule();
  }

  private schedule(): void {
    if (this.stopped) return;
    const { clock } = this.options;
    this.cancel();
    // Replicas that started together should not look together.
    const latest = clock.now() + LOOK_MS * (0.8 + 0.4 * Math.random());
    const lookAt = Math.min(latest, ...this.dueTimes);
    this.cancel = clock.after(Math.max(0, lookAt - clock.now()), () => {
      for (const time of this.dueTimes) if (time <= clock.now()) this.dueTimes.delete(time);
      this.running = Promise.all([this.running, this.look()]).then(() => undefined);
      this.schedule();
    });
  }

  /** Resolves when what is due now has been tried. */
  async look(): Promise<void> {
    const { store, retry, logger } = this.options;
    try {
      const due = await store.claimDue(MESSAGES_MAX, LEASE_MS);
      await retry(due.map(({ envelope }) => envelope));
      if (due.length === MESSAGES_MAX) this.lookIn(0);
    } catch (error) {
      logger.debug({ err: error }, 'messages that failed could not be looked up');
    }
  }
}
