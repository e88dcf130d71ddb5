import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import type { Logger } from 'pino';
import { UpstreamPool, type EndpointSource } from '#platform';
import { GATEWAY_CONFIG, LOGGER, type GatewayConfig } from './config.js';

/** Every service that the gateway calls. */
@Injectable()
export class Upstreams implements OnApplicationShutdown {
  readonly terminals: UpstreamPool;
  /** By broker instance. */
  readonly accounts: ReadonlyMap<string, UpstreamPool>;
  readonly gateways: UpstreamPool | null;

  constructor(@Inject(GATEWAY_CONFIG) config: GatewayConfig, @Inject(LOGGER) logger: Logger) {
    const pool = (name: string, endpoints: EndpointSource) =>
      new UpstreamPool({ name, endpoints, clusterKey: config.CLUSTER_KEY, logger });
    this.terminals = pool('atm-terminal', config.ATM_TERMINAL_ENDPOINTS);
    this.accounts = new Map(
      [...config.ACCOUNT_ENDPOINTS].map(([broker, endpoints]) => [broker, pool(broker, endpoints)]),
    );
    this.gateways = config.GATEWAY_ENDPOINTS === undefined ? null : pool('gateway', config.GATEWAY_ENDPOINTS);
  }

  /** How many calls each replica has answered this gateway, by its name. */
  answersByReplica(): Readonly<Record<string, number>> {
    const pools = [this.terminals, ...this.accounts.values()];
    return Object.assign({}, ...pools.map((pool) => pool.answersByReplica())) as Record<string, number>;
  }

  async onApplicationShutdown(): Promise<void> {
    const pools = [this.terminals, ...this.accounts.values(), ...(this.gateways === null ? [] : [this.gateways])];
    await Promise.all(pools.map((pool) => pool.close()));
  }
}
