import { Controller, Get, Param, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { HEADER, type TrailBody } from '#contracts';
import { WithdrawalTrails } from './withdrawal-trails.js';

@Controller('v1')
export class TrailController {
  constructor(private readonly trails: WithdrawalTrails) {}

  @Get('withdrawals/:withdrawalId/trail')
  own(@Param('withdrawalId') withdrawalId: string, @Req() request: FastifyRequest): Promise<TrailBody> {
    const { terminalId } = request;
    return this.trails.ofCaller(withdrawalId, {
      authorization: request.headers.authorization ?? '',
      ...(terminalId === null ? {} : { [HEADER.terminalId]: terminalId }),
    });
  }

  @Get('operator/withdrawals/:withdrawalId/trail')
  any(@Param('withdrawalId') withdrawalId: string): Promise<TrailBody> {
    return this.trails.ofAny(withdrawalId);
  }
}
