import {
  balanceRequestSchema,
  completionAdviceSchema,
  depositAdviceSchema,
  MESSAGE,
  reversalAdviceSchema,
  SERVICE,
  suspenseAdviceSchema,
  transferCreditAnswerSchema,
  transferCreditSchema,
  type BalanceRequest,
  type CompletionAdvice,
  type DepositAdvice,
  type ReversalAdvice,
  type SuspenseAdvice,
  type TransferCredit,
  type TransferCreditAnswer,
} from '#contracts';
import type { SqlTransaction } from '#database';
import {
  HandleAnswers,
  HandleExpress,
  HandleMessages,
  MessageService,
  type JsonValue,
  type ReceivedAnswer,
  type ReceivedMessage,
} from '#messaging';
import { BalanceReader } from '../balance/balance-reader.js';
import { TransferCredits } from '../transfer/transfer-credits.js';
import { PostAdvices } from './post-advices.js';

/** The message endpoint of the service `account`. */
@MessageService(SERVICE.account)
export class AccountEndpoint {
  constructor(
    private readonly advices: PostAdvices,
    private readonly balances: BalanceReader,
    private readonly transfers: TransferCredits,
  ) {}

  @HandleMessages<CompletionAdvice>({ type: MESSAGE.completionAdvice, version: 1, schema: completionAdviceSchema })
  complete(messages: readonly ReceivedMessage<CompletionAdvice>[], tx: SqlTransaction): Promise<JsonValue[]> {
    return this.advices.complete(messages, tx);
  }

  @HandleMessages<ReversalAdvice>({ type: MESSAGE.reversalAdvice, version: 1, schema: reversalAdviceSchema })
  reverse(messages: readonly ReceivedMessage<ReversalAdvice>[], tx: SqlTransaction): Promise<JsonValue[]> {
    return this.advices.reverse(messages, tx);
  }

  @HandleMessages<SuspenseAdvice>({ type: MESSAGE.suspenseAdvice, version: 1, schema: suspenseAdviceSchema })
  suspend(messages: readonly ReceivedMessage<SuspenseAdvice>[], tx: SqlTransaction): Promise<JsonValue[]> {
    return this.advices.suspend(messages, tx);
  }

  @HandleMessages<DepositAdvice>({ type: MESSAGE.depositAdvice, version: 1, schema: depositAdviceSchema })
  deposit(messages: readonly ReceivedMessage<DepositAdvice>[], tx: SqlTransaction): Promise<JsonValue[]> {
    return this.advices.deposit(messages, tx);
  }

  @HandleMessages<TransferCredit>({ type: MESSAGE.transferCredit, version: 1, schema: transferCreditSchema })
  creditTransfer(messages: readonly ReceivedMessage<TransferCredit>[], tx: SqlTransaction): Promise<JsonValue[]> {
    return this.transfers.credit(messages, tx);
  }

  @HandleAnswers<TransferCreditAnswer, TransferCredit>({
    type: MESSAGE.transferCredit,
    version: 1,
    schema: transferCreditAnswerSchema,
  })
  transferCredited(
    answers: readonly ReceivedAnswer<TransferCreditAnswer, TransferCredit>[],
    tx: SqlTransaction,
  ): Promise<void> {
    return this.transfers.answered(answers, tx);
  }

  @HandleExpress<BalanceRequest>({ type: MESSAGE.balanceRequest, version: 1, schema: balanceRequestSchema })
  readBalance({ accountId }: BalanceRequest): Promise<JsonValue> {
    return this.balances.read(accountId);
  }
}
