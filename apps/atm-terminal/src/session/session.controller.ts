import { Controller, Delete, Param, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { HEADER, openSessionSchema } from '#contracts';
import { Problem, validate } from '#platform';
import { callerOf } from '../http/caller.js';
import { sendAnswer } from '../idempotency/answer.js';
import { CloseSession } from './close-session.js';
import { OpenSession } from './open-session.js';

@Controller('/v1/sessions')
export class SessionController {
  constructor(
    private readonly openSession: OpenSession,
    private readonly closeSession: CloseSession,
  ) {}

  @Post()
  async open(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const { terminalId, key } = callerOf(request);
    if (terminalId === null) throw new Problem('unauthenticated', 'A terminal key is required.');
    const { answer, replayed } = await this.openSession.open(
      terminalId,
      key,
      validate(openSessionSchema, request.body),
    );
    sendAnswer(reply, answer, replayed);
  }

  @Delete(':sessionId')
  async close(
    @Param('sessionId') sessionId: string,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const { replayed } = await this.closeSession.close(sessionId, callerOf(request));
    if (replayed) void reply.header(HEADER.idempotencyReplayed, 'true');
    void reply.status(204).send();
  }
}
