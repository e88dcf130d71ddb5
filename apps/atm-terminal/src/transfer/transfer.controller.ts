import { Controller, Param, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { transferSchema } from '#contracts';
import { validate } from '#platform';
import { callerOf } from '../http/caller.js';
import { sendAnswer } from '../idempotency/answer.js';
import { SessionAccess } from '../session/session-access.js';
import { TransferMoney } from './transfer-money.js';

@Controller('/v1/sessions/:sessionId/transfers')
export class TransferController {
  constructor(
    private readonly transfers: TransferMoney,
    private readonly access: SessionAccess,
  ) {}

  @Post()
  async transfer(
    @Param('sessionId') sessionId: string,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const caller = callerOf(request);
    const session = await this.access.named(sessionId, caller);
    const body = validate(transferSchema, request.body);
    const { answer, replayed } = await this.transfers.transfer(session, caller.key, body);
    sendAnswer(reply, answer, replayed);
  }
}
