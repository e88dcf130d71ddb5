import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import type { Logger } from 'pino';
import { LOGGER } from '../logger.js';
import { Idempotency } from './idempotency.js';

/** How long an answer is kept for repeats, hours; far longer than any client goes on repeating. */
const KEPT_HOURS = 24;

const EVERY_MS = 3_600_000;

/** Forgets old answers, in every replica; deleting what is gone already costs nothing. */
@Injectable()
export class AnswerRetention implements OnApplicationBootstrap, OnModuleDestroy {
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly idempotency: Idempotency,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => {
      this.idempotency.prune(KEPT_HOURS).catch((error: unknown) => {
        this.logger.warn({ err: error }, 'old answers could not be forgotten; they will be');
      });
    }, EVERY_MS).unref();
  }

  onModuleDestroy(): void {
    clearInterval(this.timer);
  }
}
