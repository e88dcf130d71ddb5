import { Inject, Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Counter, Histogram, Registry } from 'prom-client';
import { LatencyBuckets } from './latency-buckets.js';

const DURATION_BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15];

/** What customers and terminals ask for; the operator's own looking is not traffic. */
const TRAFFIC = /^\/v1\/(?!operator\/)/;

/** Counts and times every call by its route and status. */
@Injectable()
export class CallMetrics {
  calls = 0;
  callsInFlight = 0;
  /** Calls of customers and terminals since the start: begun, answered, of these with 5xx, and how long they took. */
  readonly traffic = { begun: 0, answered: 0, failed: 0, latency: new LatencyBuckets() };
  private readonly total: Counter;
  private readonly duration: Histogram;

  constructor(@Inject(Registry) registry: Registry) {
    this.total = new Counter({
      name: 'http_requests_total',
      help: 'Calls answered, by route and status',
      labelNames: ['method', 'route', 'status'],
      registers: [registry],
    });
    this.duration = new Histogram({
      name: 'http_request_duration_seconds',
      help: 'From the first byte of the request to the last of the answer, by route',
      labelNames: ['method', 'route'],
      buckets: DURATION_BUCKETS,
      registers: [registry],
    });
  }

  begin({ routeOptions }: FastifyRequest): void {
    if (TRAFFIC.test(routeOptions.url ?? '')) this.traffic.begun += 1;
    this.calls += 1;
    this.callsInFlight += 1;
  }

  end(request: FastifyRequest, reply: FastifyReply): void {
    this.callsInFlight -= 1;
    const { method } = request;
    // The pattern, never the path: labels stay few, and no id gets into them.
    const route = request.routeOptions.url ?? 'unknown';
    this.total.inc({ method, route, status: reply.statusCode });
    this.duration.observe({ method, route }, reply.elapsedTime / 1_000);
    if (TRAFFIC.test(route)) this.countTraffic(reply);
  }

  private countTraffic({ statusCode, elapsedTime }: FastifyReply): void {
    this.traffic.answered += 1;
    if (statusCode >= 500) this.traffic.failed += 1;
    this.traffic.latency.observe(elapsedTime);
  }
}
