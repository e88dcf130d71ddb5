import { Controller, Get, Param, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { ReachableNotes } from '#contracts';
import { NOTES_MAX } from '#money';
import { callerOf } from '../http/caller.js';
import { SessionAccess } from '../session/session-access.js';
import { Cassettes } from './cassettes.js';
import { merged } from './notes.js';

/** What the customer's machine can give, so that the screen offers no amount that it cannot. */
@Controller('/v1/sessions/:sessionId/notes')
export class NotesController {
  constructor(
    private readonly cassettes: Cassettes,
    private readonly access: SessionAccess,
  ) {}

  /** Counts end at what one presentation can have: how full a machine is is nobody's business. */
  @Get()
  async read(@Param('sessionId') sessionId: string, @Req() request: FastifyRequest): Promise<ReachableNotes> {
    const { terminalId, currency } = await this.access.named(sessionId, callerOf(request));
    const notes = merged(await this.cassettes.of(terminalId)).filter(({ count }) => count > 0);
    return {
      terminalId,
      currency,
      notes: notes.map(({ denomination, count }) => ({ denomination, count: Math.min(count, NOTES_MAX) })),
    };
  }
}
