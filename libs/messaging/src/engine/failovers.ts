import type { Logger } from '../ports/logger.js';

/** Senders have turned from one channel to another, or back. */
export interface ChannelEvent {
  readonly kind: 'failover' | 'failback';
  /** Null where nothing was in use: no channel was up. */
  readonly from: string | null;
  readonly to: string;
  /**
   * Failover: from the beginning of the first attempt that failed until another channel took something. Failback: how
   * long the channel was away.
   */
  readonly seconds: number;
}

interface Outage {
  readonly sinceMs: number;
  /** Whether senders still have to turn to another channel. */
  readonly pending: boolean;
}

/** Tells, counts and times that senders change channels. */
export class Failovers {
  onEvent: (event: ChannelEvent) => void = () => undefined;
  private readonly outages = new Map<string, Outage>();
  private readonly counts = new Map<string, number>();
  private readonly lastSeconds = new Map<string, number>();

  constructor(private readonly logger: Logger) {}

  /** A channel went down, which senders used or did not. */
  down(channel: string, used: boolean, sinceMs: number): void {
    this.outages.set(channel, { sinceMs, pending: used });
  }

  /** A channel took what senders had for it. */
  took(channel: string, now: number): void {
    if (this.outages.size === 0) return;
    for (const [from, outage] of this.outages) {
      if (!outage.pending || from === channel) continue;
      this.outages.set(from, { ...outage, pending: false });
      const seconds = (now - outage.sinceMs) / 1_000;
      this.counts.set(from, (this.counts.get(from) ?? 0) + 1);
      this.lastSeconds.set(from, seconds);
      this.logger.warn({ from, to: channel, seconds }, 'failed over to another channel');
      this.onEvent({ kind: 'failover', from, to: channel, seconds });
    }
  }

  /** A channel came up; `used` by senders from now on, instead of `before`. */
  up(channel: string, before: string | null, used: boolean, now: number): void {
    const outage = this.outages.get(channel);
    this.outages.delete(channel);
    if (outage === undefined || !used) return;
    const seconds = (now - outage.sinceMs) / 1_000;
    this.logger.info({ from: before, to: channel, seconds }, 'returned to the channel');
    this.onEvent({ kind: 'failback', from: before, to: channel, seconds });
  }

  status(channel: string, now: number) {
    const outage = this.outages.get(channel);
    return {
      failovers: this.counts.get(channel) ?? 0,
      lastFailoverSeconds: this.lastSeconds.get(channel) ?? null,
      downSeconds: outage === undefined ? 0 : (now - outage.sinceMs) / 1_000,
    };
  }
}
