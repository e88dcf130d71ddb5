import { Controller, Get, Param, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { TerminalTrail } from '#contracts';
import { callerOf } from '../http/caller.js';
import { SessionAccess } from '../session/session-access.js';
import { WithdrawalRequests } from '../withdrawal/withdrawal-requests.js';
import { TerminalTrails } from './terminal-trails.js';

/** For the gateways, which put the trail of a withdrawal together. */
@Controller('/internal')
export class TrailController {
  constructor(
    private readonly trails: TerminalTrails,
    private readonly requests: WithdrawalRequests,
    private readonly access: SessionAccess,
  ) {}

  /** For the holder of a session: withdrawals of that session only. Throws 401, 404. */
  @Get('own-withdrawals/:withdrawalId/trail')
  async own(@Param('withdrawalId') withdrawalId: string, @Req() request: FastifyRequest): Promise<TerminalTrail> {
    const session = await this.access.ofCaller(callerOf(request));
    return this.trails.of(await this.requests.read(session, withdrawalId));
  }

  /** For operators. Throws 404. */
  @Get('withdrawals/:withdrawalId/trail')
  async any(@Param('withdrawalId') withdrawalId: string): Promise<TerminalTrail> {
    return this.trails.of(await this.requests.readAny(withdrawalId));
  }
}
