import {
  balanceRequestSchema,
  completionAdviceSchema,
  depositAdviceSchema,
  MESSAGE,
  reversalAdviceSchema,
  SERVICE,
  suspenseAdviceSchema,
  type BalanceRequest,
  type CompletionAdvice,
  type DepositAdvice,
  type ReversalAdvice,
  type SuspenseAdvice,
} from '#contracts';
import type { SqlTransaction } from '#database';
import { HandleExpress, HandleMessages, MessageService, type JsonValue, type ReceivedMessage } from '#messaging';
import { BalanceReader } from '../balance/balance-reader.js';
import { PostAdvices } from './post-advices.js';

/** The message endpoint of the service `account`. */
@MessageService(SERVICE.account)
export class AccountEndpoint {
  constructor(
    private readonly advices: PostAdvices,
    private readonly balances: BalanceReader,
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

  @HandleExpress<BalanceRequest>({ type: MESSAGE.balanceRequest, version: 1, schema: balanceRequestSchema })
  readBalance({ accountId }: BalanceRequest): Promise<JsonValue> {
    return this.balances.read(accountId);
  }
}
