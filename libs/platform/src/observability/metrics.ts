import type { FastifyInstance } from 'fastify';
import { collectDefaultMetrics, Registry } from 'prom-client';

/** Prometheus registry of this process. Libraries get it handed in; nothing registers itself globally. */
export function createMetrics(replica: string): Registry {
  const registry = new Registry();
  registry.setDefaultLabels({ replica });
  collectDefaultMetrics({ register: registry });
  return registry;
}

/** `/metrics`, public inside the cluster's network; contains no customer data. */
export function serveMetrics(fastify: FastifyInstance, registry: Registry): void {
  fastify.get('/metrics', async (_request, reply) => reply.type(registry.contentType).send(await registry.metrics()));
}
