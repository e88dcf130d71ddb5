import { Controller, Get, Param, Query, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { statementQuerySchema, type StatementBody } from '#contracts';
import { validate } from '#platform';
import { AccountHost } from '../host/account-host.js';
import { hostUnavailable } from '../host/host-unavailable.js';
import { callerOf } from '../http/caller.js';
import { SessionAccess } from '../session/session-access.js';

/** Recent entries, from the host only: a terminal keeps none. */
@Controller('/v1/sessions/:sessionId/statement')
export class StatementController {
  constructor(
    private readonly host: AccountHost,
    private readonly access: SessionAccess,
  ) {}

  @Get()
  async read(
    @Param('sessionId') sessionId: string,
    @Query() query: unknown,
    @Req() request: FastifyRequest,
  ): Promise<StatementBody> {
    const { broker, accountId } = await this.access.named(sessionId, callerOf(request));
    const { limit } = validate(statementQuerySchema, query);
    const answer = await this.host.statement(broker, accountId, limit);
    if (!answer.reached) throw hostUnavailable('The statement is not available right now.');
    return {
      entries: answer.value.entries.map((entry) => ({
        ...entry,
        amount: Number(entry.amount),
        balance: Number(entry.balance),
      })),
    };
  }
}
