import { Inject, Injectable } from '@nestjs/common';
import { randomUUIDv7 } from 'node:crypto';
import type { AdviceAnswer, CompletionAdvice, DepositAdvice, ReversalAdvice, SuspenseAdvice } from '#contracts';
import type { SqlTransaction } from '#database';
import { complete, deposit, reverse, suspend, type AdviceResult, type Decide } from '#ledger';
import { minorUnits } from '#money';
import { FAULT_POINTS, type FaultPoints } from '#platform';
import { LedgerStore, type BatchSubjects } from '../persistence/ledger-store.js';

/** An advice that arrived, with the id of its message, which every effect of it names. */
export interface Arrived<Body> {
  readonly messageId: string;
  readonly body: Body;
}

/** A message that no repeat will make right; it stays unanswered, and its source shows it. */
export class AdviceRefused extends Error {}

/**
 * Posts advices of one type that arrived together, in the caller's transaction. Each is a fact and never declined; one
 * that was posted before answers like then.
 */
@Injectable()
export class PostAdvices {
  constructor(
    private readonly store: LedgerStore,
    @Inject(FAULT_POINTS) private readonly faultPoints: FaultPoints,
  ) {}

  complete(advices: readonly Arrived<CompletionAdvice>[], tx: SqlTransaction): Promise<AdviceAnswer[]> {
    return this.post(tx, complete, withdrawalsOf(advices), advices, (advice) => ({
      ...withdrawalHead(advice),
      taken: minorUnits(advice.body.taken),
      rejected: minorUnits(advice.body.rejected),
      retracted: minorUnits(advice.body.retracted),
    }));
  }

  reverse(advices: readonly Arrived<ReversalAdvice>[], tx: SqlTransaction): Promise<AdviceAnswer[]> {
    return this.post(tx, reverse, withdrawalsOf(advices), advices, (advice) => ({
      ...withdrawalHead(advice),
      rejected: minorUnits(advice.body.rejected),
      retracted: minorUnits(advice.body.retracted),
    }));
  }

  suspend(advices: readonly Arrived<SuspenseAdvice>[], tx: SqlTransaction): Promise<AdviceAnswer[]> {
    return this.post(tx, suspend, withdrawalsOf(advices), advices, (advice) => ({
      ...withdrawalHead(advice),
      amount: minorUnits(advice.body.amount),
    }));
  }

  deposit(advices: readonly Arrived<DepositAdvice>[], tx: SqlTransaction): Promise<AdviceAnswer[]> {
    const depositIds = advices.map(({ body }) => body.depositId);
    return this.post(tx, deposit, { accountIds: accountsOf(advices), depositIds }, advices, ({ messageId, body }) => ({
      depositId: body.depositId,
      accountId: body.accountId,
      terminalId: body.terminalId,
      amount: minorUnits(body.amount),
      rrn: body.rrn,
      requestedAt: instant(body.requestedAt),
      entryId: randomUUIDv7(),
      adviceId: messageId,
    }));
  }

  private async post<Body extends { readonly accountId: string }, Command>(
    tx: SqlTransaction,
    decide: Decide<Command, AdviceResult>,
    subjects: BatchSubjects,
    advices: readonly Arrived<Body>[],
    commandOf: (advice: Arrived<Body>) => Command,
  ): Promise<AdviceAnswer[]> {
    await this.faultPoints.reach('account.before-post');
    const { ledger, balances } = await this.store.load(tx, subjects);
    const answers = advices.map((advice): AdviceAnswer => {
      const result = ledger.run(decide, commandOf(advice));
      if (result.outcome === 'refused') throw new AdviceRefused(`advice ${advice.messageId}: ${result.reason}`);
      return { entryId: result.entryId, balances: balances(advice.body.accountId) };
    });
    this.store.store(tx, ledger.changes());
    return answers;
  }
}

type AboutWithdrawal = CompletionAdvice | ReversalAdvice | SuspenseAdvice;

const accountsOf = (advices: readonly Arrived<{ readonly accountId: string }>[]) =>
  advices.map(({ body }) => body.accountId);

function withdrawalsOf(advices: readonly Arrived<AboutWithdrawal>[]): BatchSubjects {
  return { accountIds: accountsOf(advices), withdrawals: advices.map(({ body }) => body) };
}

function withdrawalHead({ messageId, body }: Arrived<AboutWithdrawal>) {
  return {
    withdrawalId: body.withdrawalId,
    accountId: body.accountId,
    cardToken: body.cardToken,
    terminalId: body.terminalId,
    stan: body.stan,
    rrn: body.rrn,
    requestedAt: instant(body.requestedAt),
    entryId: randomUUIDv7(),
    adviceId: messageId,
  };
}

/** One form for one instant, to the millisecond. */
const instant = (iso: string): string => new Date(iso).toISOString();
