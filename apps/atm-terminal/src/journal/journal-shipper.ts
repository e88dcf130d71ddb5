import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import type { Logger } from 'pino';
import { CONFIG, type Config } from '../config.js';
import { LOGGER } from '../logger.js';
import { ShipJournals } from './ship-journals.js';

/** Between two looks, milliseconds: what comes together is shipped together. Doubled as long as nothing is found. */
const EVERY_MS_MIN = 2_000;
const EVERY_MS_MAX = 8_000;

/** Transactions with records that one look may take; the rest waits for the next one, so that the archive never crowds out customers. */
const SHIPMENTS_MAX = 8;

/** Ships the terminals' journals in the background, wherever `JOURNAL_BROKERS` says who archives them. */
@Injectable()
export class JournalShipper implements OnApplicationBootstrap, OnModuleDestroy {
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<unknown> = Promise.resolve();
  private everyMs = EVERY_MS_MIN;
  private stopped = false;

  constructor(
    private readonly journals: ShipJournals,
    @Inject(CONFIG) private readonly config: Pick<Config, 'JOURNAL_BROKERS'>,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  onApplicationBootstrap(): void {
    if (this.config.JOURNAL_BROKERS.length > 0) this.schedule();
  }

  async onModuleDestroy(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    await this.running;
  }

  private async look(): Promise<void> {
    let found = 0;
    for (let shipment = 0; shipment < SHIPMENTS_MAX && !this.stopped; shipment++) {
      const shipped = await this.journals.shipSome();
      found += shipped;
      if (shipped === 0) break;
    }
    found += await this.journals.endSome();
    this.everyMs = found > 0 ? EVERY_MS_MIN : Math.min(EVERY_MS_MAX, 2 * this.everyMs);
  }

  private schedule(): void {
    if (this.stopped) return;
    this.timer = setTimeout(
      () => {
        this.running = this.look()
          .catch((error: unknown) => this.logger.error({ err: error }, 'journals were not shipped; they will be later'))
          .then(() => this.schedule());
      },
      this.everyMs * (0.75 + Math.random() / 2),
    ).unref();
  }
}
