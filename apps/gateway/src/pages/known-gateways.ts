import { Inject, Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { GATEWAY_CONFIG, LOGGER, type GatewayConfig } from '../config.js';
import { originsSeenFrom } from './public-origins.js';

/** How long a reading counts, milliseconds: a page that loads asks several times at once. */
const FRESH_MS = 500;

/** The gateways that a page may go to, which are also the only origins whose pages may call this one. */
@Injectable()
export class KnownGateways {
  private origins: Promise<readonly string[]> = Promise.resolve([]);
  private readAt = -Infinity;

  constructor(
    @Inject(GATEWAY_CONFIG) private readonly config: GatewayConfig,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** Origins as the caller can reach them; without `PUBLIC_GATEWAYS` none but the one that the page came from. */
  async seenFrom({ host }: FastifyRequest): Promise<string[]> {
    return originsSeenFrom(await this.read(), host);
  }

  /** The same with the answering gateway first, under the name the caller used. */
  async listedFor(request: FastifyRequest): Promise<string[]> {
    const origins = await this.seenFrom(request);
    const own =
      origins.find((origin) => new URL(origin).host === request.host) ?? `${request.protocol}://${request.host}`;
    return [own, ...origins.filter((origin) => origin !== own)];
  }

  private read(): Promise<readonly string[]> {
    if (performance.now() - this.readAt < FRESH_MS) return this.origins;
    const earlier = this.origins;
    this.readAt = performance.now();
    this.origins = (this.config.PUBLIC_GATEWAYS?.read() ?? Promise.resolve([])).catch((error: unknown) => {
      this.logger.warn({ err: error }, 'PUBLIC_GATEWAYS cannot be read; those known before stay');
      return earlier;
    });
    return this.origins;
  }
}
