import { Controller, Get, Param, Post, Put, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { enterAmountSchema, selectWithdrawalSchema, type WithdrawalBody } from '#contracts';
import { validate } from '#platform';
import { callerOf } from '../http/caller.js';
import { sendAnswer } from '../idempotency/answer.js';
import { SessionAccess } from '../session/session-access.js';
import { WithdrawalRequests } from './withdrawal-requests.js';
import { withdrawalBody } from './withdrawal.js';

@Controller('/v1')
export class WithdrawalController {
  constructor(
    private readonly requests: WithdrawalRequests,
    private readonly access: SessionAccess,
  ) {}

  @Post('sessions/:sessionId/withdrawals')
  async select(
    @Param('sessionId') sessionId: string,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const caller = callerOf(request);
    const seen = await this.access.namedAsSeen(sessionId, caller);
    const { amount } = validate(selectWithdrawalSchema, request.body === undefined ? {} : request.body);
    const first = amount === undefined ? null : await this.requests.takeFirst(seen, caller.key, amount);
    if (first !== null) return sendAnswer(reply, first, false);
    const session = await this.access.named(sessionId, caller);
    const { answer, replayed } = await this.requests.select(session, caller.key, amount);
    sendAnswer(reply, answer, replayed);
  }

  @Put('withdrawals/:withdrawalId/amount')
  async enterAmount(
    @Param('withdrawalId') withdrawalId: string,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const caller = callerOf(request);
    const session = await this.access.ofCaller(caller);
    const { amount } = validate(enterAmountSchema, request.body);
    const { answer, replayed } = await this.requests.enterAmount(session, caller.key, withdrawalId, amount);
    sendAnswer(reply, answer, replayed);
  }

  @Get('withdrawals/:withdrawalId')
  async read(@Param('withdrawalId') withdrawalId: string, @Req() request: FastifyRequest): Promise<WithdrawalBody> {
    const session = await this.access.ofCaller(callerOf(request));
    return withdrawalBody(await this.requests.read(session, withdrawalId));
  }
}
