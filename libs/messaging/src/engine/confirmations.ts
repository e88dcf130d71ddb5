import { randomUUIDv7 } from 'node:crypto';
import type { ParkedMessages } from '../ports/dialog-store.js';
import type { Clock } from '../ports/clock.js';
import type { Logger } from '../ports/logger.js';
import { acknowledgementOf } from '../protocol/answer.js';
import { requestQueue } from '../protocol/queue-names.js';
import type { Relay } from './relay.js';

/** Between two looks, milliseconds. */
const LOOK_MS = 30_000;

/** Most messages in one look. */
const MESSAGES_MAX = 500;

export interface ConfirmationsOptions {
  readonly broker: string;
  readonly parked: ParkedMessages;
  readonly relay: Relay;
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * At targets: acknowledges again what has waited for long to be confirmed. The initiator then confirms or refuses, so that
 * nothing is left behind where its first word was lost, or where a copy came after the dialog was over.
 */
export class Confirmations {
  private cancel: () => void = () => undefined;
  private stopped = true;
  private running: Promise<void> = Promise.resolve();

  constructor(private readonly options: ConfirmationsOptions) {}

  start(): void {
    this.stopped = false;
    this.schedule();
  }

  /** Resolves when the look under way, if any, is over. */
  async stop(): Promise<void> {
    this.stopped = true;
    this.cancel();
    await this.running;
  }

  private schedule(): void {
    // Replicas that started together should not look together.
    this.cancel = this.options.clock.after(LOOK_MS * (0.8 + 0.4 * Math.random()), () => {
      this.running = this.look().finally(() => {
        if (!this.stopped) this.schedule();
      });
    });
  }

  private async look(): Promise<void> {
    const { broker, parked, relay, clock, logger } = this.options;
    try {
      const sentAt = new Date(clock.now()).toISOString();
      const overdue = await parked.claimUnconfirmed(MESSAGES_MAX);
      relay.post(
        overdue.map((envelope) => {
          const replyTo = requestQueue(envelope.toService, broker);
          return acknowledgementOf(envelope, { messageId: randomUUIDv7(), fromBroker: broker, sentAt, replyTo });
        }),
      );
    } catch (error) {
      logger.debug({ err: error }, 'overdue confirmations could not be asked for');
    }
  }
}
