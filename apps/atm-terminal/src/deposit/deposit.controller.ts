import { Controller, Param, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { depositSchema } from '#contracts';
import { validate } from '#platform';
import { callerOf } from '../http/caller.js';
import { sendAnswer } from '../idempotency/answer.js';
import { SessionAccess } from '../session/session-access.js';
import { TakeDeposit } from './take-deposit.js';

@Controller('/v1/sessions/:sessionId/deposits')
export class DepositController {
  constructor(
    private readonly deposits: TakeDeposit,
    private readonly access: SessionAccess,
  ) {}

  @Post()
  async deposit(
    @Param('sessionId') sessionId: string,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const caller = callerOf(request);
    const session = await this.access.named(sessionId, caller);
    const { notes } = validate(depositSchema, request.body);
    const { answer, replayed } = await this.deposits.take(session, caller.key, notes);
    sendAnswer(reply, answer, replayed);
  }
}
