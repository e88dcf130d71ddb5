import { Controller, Get, Param, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { replenishSchema, type TerminalBody } from '#contracts';
import { validate } from '#platform';
import { callerOf } from '../http/caller.js';
import { sendAnswer } from '../idempotency/answer.js';
import { ReplenishTerminal } from './replenish-terminal.js';
import { TerminalView } from './terminal-view.js';

/** For operators, whom the gateway has authenticated. */
@Controller('/v1/operator/terminals/:terminalId')
export class TerminalController {
  constructor(
    private readonly view: TerminalView,
    private readonly replenishing: ReplenishTerminal,
  ) {}

  @Get()
  read(@Param('terminalId') terminalId: string): Promise<TerminalBody> {
    return this.view.read(terminalId);
  }

  @Post('replenish')
  async replenish(
    @Param('terminalId') terminalId: string,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const { key } = callerOf(request);
    const body = validate(replenishSchema, request.body === undefined ? {} : request.body);
    const { answer, replayed } = await this.replenishing.replenish(terminalId, key, body);
    sendAnswer(reply, answer, replayed);
  }
}
