import { v5 as derivedUuid } from 'uuid';
import { MESSAGE, SERVICE, type CompletionAdvice, type ReversalAdvice, type SuspenseAdvice } from '#contracts';
import type { OutgoingMessage } from '#messaging';
import type { Transition } from './transitions.js';
import type { Withdrawal } from './withdrawal.js';

/** The same whatever the outcome turns out to be: a withdrawal has one advice. */
export const adviceId = (withdrawalId: string): string => derivedUuid('advice', withdrawalId);

type AdviceKind = NonNullable<Transition['advice']>;

/**
 * The one message that tells the host how a withdrawal ended. Its id follows from the withdrawal's, so that the transmission queue's
 * key and the host's inbox both refuse a second one.
 */
export function adviceFor(withdrawal: Withdrawal, kind: AdviceKind, reason: string, at: Date): OutgoingMessage {
  return {
    messageId: adviceId(withdrawal.withdrawalId),
    dialogId: withdrawal.withdrawalId,
    sequence: 1,
    fromService: SERVICE.atm,
    toService: SERVICE.account,
    toBroker: withdrawal.broker,
    version: 1,
    ...contentOf(withdrawal, kind, reason, at),
  };
}

function contentOf(withdrawal: Withdrawal, kind: AdviceKind, reason: string, at: Date) {
  const head = {
    withdrawalId: withdrawal.withdrawalId,
    accountId: withdrawal.accountId,
    cardToken: withdrawal.cardToken,
    terminalId: withdrawal.terminalId,
    stan: withdrawal.stan,
    rrn: withdrawal.rrn,
    requestedAt: withdrawal.createdAt.toISOString(),
    at: at.toISOString(),
  };
  const bins = { rejected: withdrawal.rejected.toString(), retracted: withdrawal.retracted.toString() };
  const authorisation = withdrawal.authorisation ?? 'host';
  switch (kind) {
    case 'completion': {
      const body = { ...head, ...bins, taken: withdrawal.taken.toString(), authorisation } satisfies CompletionAdvice;
      return { type: MESSAGE.completionAdvice, body };
    }
    case 'reversal': {
      const body = { ...head, ...bins, reason } satisfies ReversalAdvice;
      return { type: MESSAGE.reversalAdvice, body };
    }
    case 'suspense': {
      const body = { ...head, amount: withdrawal.suspense.toString(), authorisation } satisfies SuspenseAdvice;
      return { type: MESSAGE.suspenseAdvice, body };
    }
  }
}
