import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Database } from '#database';
import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import type { CommonConfig } from '../config/config.js';
import { Readiness, serveHealth } from '../observability/health.js';
import { serveMetrics } from '../observability/metrics.js';
import { requireClusterKey } from './cluster-key.js';
import { shutDownGracefully } from './shutdown.js';

/** A database that takes longer to answer than this is as good as away, milliseconds. */
const READY_MS_MAX = 1_500;

export interface ReplicaSurroundings {
  readonly config: CommonConfig & { readonly BROKER: string };
  readonly database: Database;
  readonly registry: Registry;
  readonly logger: Logger;
}

/** Opens a replica behind the gateways: to holders of the cluster key alone, ready while its database answers, drained before it ends. */
export async function serveReplica(
  app: NestFastifyApplication,
  { config, database, registry, logger }: ReplicaSurroundings,
): Promise<void> {
  const readiness = new Readiness([() => database.probe(READY_MS_MAX)]);
  const fastify = app.getHttpAdapter().getInstance();
  fastify.addHook('onRequest', requireClusterKey(config.CLUSTER_KEY));
  serveHealth(fastify, readiness);
  serveMetrics(fastify, registry);
  shutDownGracefully(app, readiness, logger);
  await app.listen(config.PORT, config.HOST);
  logger.info({ port: config.PORT, broker: config.BROKER, profile: config.CASHPOINT_PROFILE }, 'ready');
}
