import type { Logger } from '../ports/logger.js';

/** A message that was sent so often without an answer gives reason to look whether anybody reads its queue. */
const SUSPICIOUS_ATTEMPTS = 3;

/** Bundles that may wait on the queue of a peer that does not answer. */
export const BUNDLES_MAX = 200;

/** Where a message goes: the broker that it is for, if one is settled, and the queue. */
export interface Way {
  readonly broker: string | null;
  readonly queue: string;
  /** How often it has been sent. */
  readonly attempts: number;
}

export interface CongestionOptions {
  /** Bundles that wait on the queue, over all channels; null where that cannot be told. */
  readonly backlog: (queue: string) => Promise<number | null>;
  readonly logger: Logger;
}

/**
 * Keeps messages for a peer that is dead from filling the channels: once its queue is full, what is for it stays in the
 * transmission queue until half of that has been read (or the channel has lost it). A queue that is only behind for a moment is
 * never looked at.
 */
export class Congestion {
  /** Full queues, with the broker that each is for. */
  private readonly full = new Map<string, string | null>();

  constructor(private readonly options: CongestionOptions) {}

  /** Whether nothing more is to be put on the queue now. */
  isFull(queue: string): boolean {
    return this.full.has(queue);
  }

  /** Brokers whose messages are to be left where they are. */
  brokers(): string[] {
    return [...new Set(this.full.values())].filter((broker) => broker !== null);
  }

  /** Looks at the queues that are full, and at those that messages were just sent to again. */
  async look(sent: readonly Way[]): Promise<void> {
    const { backlog, logger } = this.options;
    const suspicious = sent.filter(({ attempts }) => attempts >= SUSPICIOUS_ATTEMPTS);
    const queues = new Map([...this.full, ...suspicious.map(({ queue, broker }) => [queue, broker] as const)]);
    for (const [queue, broker] of queues) {
      const waiting = await backlog(queue);
      if (waiting !== null && waiting > BUNDLES_MAX) {
        if (!this.full.has(queue))
          logger.warn({ queue, waiting }, 'nobody reads this queue: what is for it waits here');
        this.full.set(queue, broker);
      } else if (waiting !== null && waiting <= BUNDLES_MAX / 2 && this.full.delete(queue)) {
        logger.info({ queue, waiting }, 'the queue is read again');
      }
    }
  }
}
