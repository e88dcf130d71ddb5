import type { FastifyInstance } from 'fastify';
import { collectDefaultMetrics, Registry } from 'prom-client';

/** Between two looks at the event loop's delay, milliseconds. Each wakes the process up, also when it has nothing to do. */
const EVENT_LOOP_SAMPLE_MS = 50;

/** Prometheus registry of this process. Libraries get it handed in; nothing registers itself globally. */
export function createMetrics(replica: string): Registry {
  const registry = new Registry();
  registry.setDefaultLabels({ replica });
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: EVENT_LOOP_SAMPLE_MS });
  return registry;
}

/** `/metrics`, public inside the cluster's network; contains no customer data. */
export function serveMetrics(fastify: FastifyInstance, registry: Registry): void {
  fastify.get('/metrics', async (_request, reply) => reply.type(registry.contentType).send(await registry.metrics()));
}
