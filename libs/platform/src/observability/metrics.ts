import type { FastifyInstance } from 'fastify';
import { collectDefaultMetrics, Gauge, Registry } from 'prom-client';

/**
 * The event loop's delay is sampled by a timer, which wakes a process that has nothing to do, and is told as the timer's own interval where
 * nothing is late: practically never. Its use says the same and costs nothing.
 */
const NEVER_MS = 2_147_483_647;
const SAMPLED = /^nodejs_eventloop_lag_(?!seconds$)/;

/** Prometheus registry of this process. Libraries get it handed in; nothing registers itself globally. */
export function createMetrics(replica: string): Registry {
  const registry = new Registry();
  registry.setDefaultLabels({ replica });
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: NEVER_MS });
  for (const { name } of registry.getMetricsAsArray()) if (SAMPLED.test(name)) registry.removeSingleMetric(name);
  registerEventLoopUse(registry);
  return registry;
}

function registerEventLoopUse(registry: Registry): void {
  let last = performance.eventLoopUtilization();
  new Gauge({
    name: 'nodejs_eventloop_utilization',
    help: 'Share of the time since the last scrape in which the event loop was busy, 0 to 1',
    registers: [registry],
    collect() {
      const now = performance.eventLoopUtilization();
      this.set(performance.eventLoopUtilization(now, last).utilization);
      last = now;
    },
  });
}

/** `/metrics`, public inside the cluster's network; contains no customer data. */
export function serveMetrics(fastify: FastifyInstance, registry: Registry): void {
  fastify.get('/metrics', async (_request, reply) => reply.type(registry.contentType).send(await registry.metrics()));
}
