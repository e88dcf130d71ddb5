import { Controller, Get, Inject, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { GatewaysBody } from '#contracts';
import { GATEWAY_CONFIG, type GatewayConfig } from '../config.js';
import { KnownGateways } from './known-gateways.js';

@Controller('v1/gateways')
export class GatewaysController {
  constructor(
    private readonly gateways: KnownGateways,
    @Inject(GATEWAY_CONFIG) private readonly config: GatewayConfig,
  ) {}

  @Get()
  async read(@Req() request: FastifyRequest): Promise<GatewaysBody> {
    return { profile: this.config.CASHPOINT_PROFILE, gateways: await this.gateways.listedFor(request) };
  }
}
