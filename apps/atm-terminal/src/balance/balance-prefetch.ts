import { Inject, Injectable, type OnModuleDestroy } from '@nestjs/common';
import type { Logger } from 'pino';
import { v5 as derivedUuid } from 'uuid';
import { balancesSchema, MESSAGE, SERVICE, type BalanceRequest } from '#contracts';
import { Messaging, type ExpressOutcome } from '#messaging';
import { Journal } from '../journal/journal.js';
import { LOGGER } from '../logger.js';
import { CachedBalances } from './cached-balances.js';

/** Of the one balance request of a withdrawal, so that its way can be found again. */
export const balanceRequestId = (withdrawalId: string): string => derivedUuid('balance-request', withdrawalId);

/** Whose balance is asked for, and where that shows in the journal. */
export interface PrefetchSubject {
  readonly withdrawalId: string;
  readonly sessionId: string;
  readonly terminalId: string;
  readonly accountId: string;
  readonly broker: string;
}

/**
 * Asks for the balance while the customer types (article "Reliability in Connected Systems", figure 1). Express: nobody waits for it, and
 * losing it loses nothing. All three outcomes are handled: a balance is remembered; an error or a time-out is noted in the journal.
 */
@Injectable()
export class BalancePrefetch implements OnModuleDestroy {
  private stopped = false;

  constructor(
    private readonly messaging: Messaging,
    private readonly balances: CachedBalances,
    private readonly journal: Journal,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** What is still on its way is of no more use, and the database closes. */
  onModuleDestroy(): void {
    this.stopped = true;
  }

  /** Returns at once. */
  begin(subject: PrefetchSubject): void {
    this.prefetch(subject).catch((error: unknown) => {
      this.logger.warn({ err: error, withdrawalId: subject.withdrawalId }, 'the outcome of a balance request was lost');
    });
  }

  private async prefetch(subject: PrefetchSubject): Promise<void> {
    const body = { accountId: subject.accountId } satisfies BalanceRequest;
    const outcome = await this.messaging.request({
      messageId: balanceRequestId(subject.withdrawalId),
      fromService: SERVICE.atm,
      toService: SERVICE.account,
      toBroker: subject.broker,
      type: MESSAGE.balanceRequest,
      version: 1,
      body,
      attemptTimeoutMs: 2_000,
      attemptsMax: 3,
    });
    if (!this.stopped) await this.handle(subject, outcome);
  }

  private async handle(
    { withdrawalId, sessionId, terminalId }: PrefetchSubject,
    outcome: ExpressOutcome,
  ): Promise<void> {
    if (outcome.outcome === 'answered') {
      await this.balances.put([balancesSchema.parse(outcome.body)]);
      return;
    }
    const data = { withdrawalId, sessionId, outcome: outcome.outcome, attempts: outcome.attempts };
    await this.journal.append([{ terminalId, kind: 'balance-not-known', data }]);
  }
}
