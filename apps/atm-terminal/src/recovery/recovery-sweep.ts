import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import type { Logger } from 'pino';
import { CONFIG, type Config } from '../config.js';
import { LOGGER } from '../logger.js';
import { WithdrawalDriver } from '../withdrawal/withdrawal-driver.js';
import { Withdrawals } from '../withdrawal/withdrawals.js';

/**
 * Between two looks, milliseconds; jittered, so that replicas do not look at the same moment. Doubled up to the largest as long as nothing
 * is found and nothing happens here.
 */
const EVERY_MS_MIN = 2_000;
const EVERY_MS_MAX = 8_000;

/** Most withdrawals that one look takes on. */
const MOST = 200;

/**
 * Finishes withdrawals whose replica has died. Runs in every replica and owns nothing: two that take on the same withdrawal
 * come to the same end. Withdrawals that still await their amount stay as they are: nothing was promised and nothing is held.
 */
@Injectable()
export class RecoverySweep implements OnApplicationBootstrap, OnModuleDestroy {
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<unknown> = Promise.resolve();
  private everyMs = EVERY_MS_MIN;
  private stepsBefore = 0;
  private stopped = false;

  constructor(
    private readonly withdrawals: Withdrawals,
    private readonly driver: WithdrawalDriver,
    @Inject(CONFIG) private readonly config: Pick<Config, 'RECOVERY_AFTER_MS'>,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  onApplicationBootstrap(): void {
    this.schedule();
  }

  async onModuleDestroy(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    await this.running;
  }

  /** One look; answers how many withdrawals it finished. */
  async sweep(): Promise<number> {
    const left = await this.withdrawals.unfinished(this.config.RECOVERY_AFTER_MS, MOST);
    const finished = await Promise.all(
      left.map(async (withdrawal) => {
        const { withdrawalId, state } = await this.driver.recover(withdrawal);
        this.logger.warn({ withdrawalId, was: withdrawal.state, state }, 'withdrawal recovered');
      }),
    );
    return finished.length;
  }

  private setPace(finished: number): void {
    const { steps } = this.withdrawals;
    const isQuiet = finished === 0 && steps === this.stepsBefore;
    this.stepsBefore = steps;
    this.everyMs = isQuiet ? Math.min(EVERY_MS_MAX, 2 * this.everyMs) : EVERY_MS_MIN;
  }

  private schedule(): void {
    if (this.stopped) return;
    this.timer = setTimeout(
      () => {
        this.running = this.sweep()
          .then((finished) => this.setPace(finished))
          .catch((error: unknown) => this.logger.error({ err: error }, 'recovery sweep failed; it will look again'))
          .then(() => this.schedule());
      },
      this.everyMs * (0.75 + Math.random() / 2),
    ).unref();
  }
}
