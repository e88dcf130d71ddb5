import { Inject } from '@nestjs/common';
import {
  adviceAnswerSchema,
  MESSAGE,
  SERVICE,
  type AdviceAnswer,
  type CompletionAdvice,
  type DepositAdvice,
  type ReversalAdvice,
  type SuspenseAdvice,
} from '#contracts';
import type { SqlTransaction } from '#database';
import { HandleAnswers, MessageService, type ReceivedAnswer } from '#messaging';
import { FAULT_POINTS, type FaultPoints } from '#platform';
import type { Logger } from 'pino';
import { CachedBalances } from '../balance/cached-balances.js';
import { SETTLE as SETTLE_DEPOSITS } from '../deposit/deposit-rows.js';
import { LOGGER } from '../logger.js';
import { SETTLE as SETTLE_WITHDRAWALS } from '../withdrawal/withdrawal-rows.js';

type Answers<Request> = readonly ReceivedAnswer<AdviceAnswer, Request>[];

const answerTo = (type: string) => ({ type, version: 1, schema: adviceAnswerSchema });

/**
 * The endpoint of the service `atm`: the host's answers to its advices. Runs once per answered advice, in the transaction that deletes the
 * advice from the transmission queue; late and repeated answers do not come here.
 */
@MessageService(SERVICE.atm)
export class AtmEndpoint {
  constructor(
    @Inject(CachedBalances) private readonly balances: CachedBalances,
    @Inject(FAULT_POINTS) private readonly faults: FaultPoints,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  @HandleAnswers<AdviceAnswer, CompletionAdvice>(answerTo(MESSAGE.completionAdvice))
  async completed(answers: Answers<CompletionAdvice>, tx: SqlTransaction): Promise<void> {
    await this.settle(answers, tx);
  }

  @HandleAnswers<AdviceAnswer, ReversalAdvice>(answerTo(MESSAGE.reversalAdvice))
  async reversed(answers: Answers<ReversalAdvice>, tx: SqlTransaction): Promise<void> {
    await this.settle(answers, tx);
  }

  /** The withdrawal stays in suspense until its case is closed; what is settled is that the host knows. */
  @HandleAnswers<AdviceAnswer, SuspenseAdvice>(answerTo(MESSAGE.suspenseAdvice))
  async suspended(answers: Answers<SuspenseAdvice>, tx: SqlTransaction): Promise<void> {
    await this.settle(answers, tx);
  }

  @HandleAnswers<AdviceAnswer, DepositAdvice>(answerTo(MESSAGE.depositAdvice))
  async deposited(answers: Answers<DepositAdvice>, tx: SqlTransaction): Promise<void> {
    tx.write(SETTLE_DEPOSITS, [answers.map(({ request }) => request.depositId)]);
    await this.remember(answers, tx);
  }

  private async settle(answers: Answers<{ withdrawalId: string }>, tx: SqlTransaction): Promise<void> {
    tx.write(SETTLE_WITHDRAWALS, [answers.map(({ request }) => request.withdrawalId)]);
    await this.remember(answers, tx);
  }

  private async remember(answers: Answers<unknown>, tx: SqlTransaction): Promise<void> {
    await this.balances.put(
      answers.map(({ body }) => body.balances),
      tx,
    );
    tx.afterCommit(() => {
      this.faults
        .reach('terminal.after-answer')
        .catch((error: unknown) => this.logger.warn({ err: error }, 'after answer'));
    });
  }
}
