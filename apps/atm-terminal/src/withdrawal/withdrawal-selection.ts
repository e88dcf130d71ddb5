import { Injectable } from '@nestjs/common';
import { selectWithdrawalSchema } from '#contracts';
import { validate } from '#platform';
import type { Caller } from '../http/caller.js';
import type { Answer } from '../idempotency/answer.js';
import { SessionAccess } from '../session/session-access.js';
import { WithdrawalRequests } from './withdrawal-requests.js';

/** The selection of a withdrawal, whichever way the call came. */
@Injectable()
export class WithdrawalSelection {
  constructor(
    private readonly requests: WithdrawalRequests,
    private readonly access: SessionAccess,
  ) {}

  /** Throws 400, 401, 404, 422, 503, as the contract has it. */
  async answer(sessionId: string, caller: Caller, body: unknown): Promise<{ answer: Answer; replayed: boolean }> {
    const seen = await this.access.namedAsSeen(sessionId, caller);
    const { amount } = validate(selectWithdrawalSchema, body === undefined ? {} : body);
    const first = amount === undefined ? null : await this.requests.takeFirst(seen, caller.key, amount);
    if (first !== null) return { answer: first, replayed: false };
    const session = await this.access.named(sessionId, caller);
    return this.requests.select(session, caller.key, amount);
  }
}
