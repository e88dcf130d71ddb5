import { Injectable } from '@nestjs/common';
import { randomUUIDv7 } from 'node:crypto';
import type { TransferCredit, TransferCreditAnswer } from '#contracts';
import type { SqlTransaction } from '#database';
import { creditTransfer, refundTransfer } from '#ledger';
import type { ReceivedAnswer, ReceivedMessage } from '#messaging';
import { minorUnits } from '#money';
import { LedgerStore } from '../persistence/ledger-store.js';

/** What of a message it takes to credit it. */
export type ArrivedCredit = Pick<ReceivedMessage<TransferCredit>, 'messageId' | 'fromBroker' | 'body'>;

/** What of an answer it takes to act on it. */
export type ArrivedCreditAnswer = Pick<ReceivedAnswer<TransferCreditAnswer, TransferCredit>, 'request' | 'body'>;

/** The second half of transfers between brokers: the credit at the one, or the refund at the other. */
@Injectable()
export class TransferCredits {
  constructor(private readonly store: LedgerStore) {}

  /** What cannot be credited is refused in the answer; the inbox keeps that as it keeps the other answers. */
  async credit(messages: readonly ArrivedCredit[], tx: SqlTransaction): Promise<TransferCreditAnswer[]> {
    const { ledger } = await this.store.load(tx, {
      accountIds: messages.map(({ body }) => body.toAccountId),
      transfersToEnd: messages.map(({ body }) => body.transferId),
    });
    const answers = messages.map(({ messageId, fromBroker, body }): TransferCreditAnswer => {
      const { transferId, toAccountId, currency, rrn } = body;
      const result = ledger.run(creditTransfer, {
        ...{ transferId, toAccountId, currency, rrn, fromBroker },
        amount: minorUnits(body.amount),
        requestedAt: new Date(body.requestedAt).toISOString(),
        entryId: randomUUIDv7(),
        adviceId: messageId,
      });
      return result.outcome === 'refused'
        ? { posted: false, responseCode: result.responseCode }
        : { posted: true, entryId: result.entryId };
    });
    this.store.store(tx, ledger.changes());
    return answers;
  }

  /** Gives back what the other broker has refused to credit, in the transaction that takes its message out of the transmission queue. */
  async answered(answers: readonly ArrivedCreditAnswer[], tx: SqlTransaction): Promise<void> {
    const refused = answers.filter(({ body }) => !body.posted).map(({ request }) => request);
    if (refused.length === 0) return;
    const transferIds = refused.map(({ transferId }) => transferId);
    const { ledger } = await this.store.load(tx, {
      accountIds: refused.map(({ fromAccountId }) => fromAccountId),
      transferIds,
      transfersToEnd: transferIds,
    });
    for (const transferId of transferIds) ledger.run(refundTransfer, { transferId, entryId: randomUUIDv7() });
    this.store.store(tx, ledger.changes());
  }
}
