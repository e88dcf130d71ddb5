import type { Clock } from '../ports/clock.js';
import type { Logger } from '../ports/logger.js';
import type { TransmissionQueue } from '../ports/store.js';
import { RESEND_BASE_MS } from '../protocol/backoff.js';
import type { Congestion } from './congestion.js';
import type { Outgoing } from './outgoing.js';

/** Between two looks while messages are in flight, milliseconds. */
const BUSY_MS = 1_000;

/** Between two looks when nothing has been in flight for long, milliseconds: what another replica left behind is found within it. */
const IDLE_MS_MAX = 5_000;

/** Most messages claimed at once, for each broker. */
const MESSAGES_MAX = 1_000;

export interface SweepOptions {
  readonly queue: TransmissionQueue;
  readonly outgoing: Outgoing;
  readonly congestion: Congestion;
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * Sends again what is not answered in time, or was lost with its channel, whoever sent it first. Every replica sweeps; none leads, since a claimed row
 * is not due again before its backoff has passed. What is for a peer whose queue is full stays where it is (see `Congestion`).
 */
export class Sweep {
  private waitMs = BUSY_MS;
  private cancel: () => void = () => undefined;
  private stopped = true;
  private running: Promise<void> = Promise.resolve();
  private failing = false;

  constructor(private readonly options: SweepOptions) {}

  start(): void {
    this.stopped = false;
    this.schedule();
  }

  /** Resolves when the look that is under way, if any, is over. */
  async stop(): Promise<void> {
    this.stopped = true;
    this.cancel();
    await this.running;
  }

  /** Messages are in flight: look often. */
  stir(): void {
    if (this.waitMs === BUSY_MS) return;
    this.waitMs = BUSY_MS;
    if (!this.stopped) this.schedule();
  }

  /**
   * A channel is lost with all that it held, and there is another one: what was sent for the first time so lately that its answer could not be
   * missed yet goes again at once. Replicas that hurry within a second of each other find nothing twice, since what was taken is not due again so soon.
   */
  hurry(): void {
    if (this.stopped) return;
    this.cancel();
    this.look(RESEND_BASE_MS);
  }

  private schedule(): void {
    this.cancel();
    // Replicas that started together should not look together.
    const jittered = this.waitMs * (0.8 + 0.4 * Math.random());
    this.cancel = this.options.clock.after(jittered, () => this.look(0));
  }

  /** After the look that is under way, if any. */
  private look(aheadMs: number): void {
    this.running = this.running
      .then(() => this.sweep(aheadMs))
      .then(() => {
        if (!this.stopped) this.schedule();
      });
  }

  private async sweep(aheadMs: number): Promise<void> {
    const { queue, outgoing, congestion, logger } = this.options;
    try {
      const at = outgoing.now();
      const due = await queue.claimDue(MESSAGES_MAX, congestion.brokers(), aheadMs);
      await congestion.look(outgoing.resendOverdue(due, at));
      const isQuiet = due.length === 0 && congestion.brokers().length === 0;
      this.waitMs = isQuiet ? Math.min(IDLE_MS_MAX, this.waitMs * 2) : BUSY_MS;
      if (due.length > 0) logger.info({ messages: due.length }, 'sent again what was not answered in time');
      if (this.failing) logger.info({}, 'sweep of the transmission queue works again');
      this.failing = false;
    } catch (error) {
      if (!this.failing) logger.warn({ err: error }, 'sweep of the transmission queue fails');
      this.failing = true;
    }
  }
}
