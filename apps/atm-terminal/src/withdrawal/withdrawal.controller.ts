import { Controller, Get, Param, Post, Put, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { enterAmountSchema, type WithdrawalBody } from '#contracts';
import { validate } from '#platform';
import { callerOf } from '../http/caller.js';
import { sendAnswer } from '../idempotency/answer.js';
import { SessionAccess } from '../session/session-access.js';
import { WithdrawalRequests } from './withdrawal-requests.js';
import { WithdrawalSelection } from './withdrawal-selection.js';
import { withdrawalBody } from './withdrawal.js';

@Controller('/v1')
export class WithdrawalController {
  constructor(
    private readonly selection: WithdrawalSelection,
    private readonly requests: WithdrawalRequests,
    private readonly access: SessionAccess,
  ) {}

  @Post('sessions/:sessionId/withdrawals')
  async select(
    @Param('sessionId') sessionId: string,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const { answer, replayed } = await this.selection.answer(sessionId, callerOf(request), request.body);
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
