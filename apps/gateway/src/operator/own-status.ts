import { Inject, Injectable } from '@nestjs/common';
import { ProcessLoad, Readiness, VERSION } from '#platform';
import { GATEWAY_CONFIG, type GatewayConfig } from '../config.js';
import { CallMetrics } from '../proxy/call-metrics.js';
import { Upstreams } from '../upstreams.js';
import type { ReplicaStatus } from './replica-status.js';

/** How this gateway stands. */
@Injectable()
export class OwnStatus {
  private readonly load = new ProcessLoad();

  constructor(
    @Inject(GATEWAY_CONFIG) private readonly config: GatewayConfig,
    private readonly readiness: Readiness,
    private readonly metrics: CallMetrics,
    private readonly upstreams: Upstreams,
  ) {}

  read(): ReplicaStatus {
    const { begun, answered, failed, latency } = this.metrics.traffic;
    return {
      name: this.config.REPLICA_NAME,
      kind: 'gateway',
      role: 'gateway',
      state: this.readiness.isDraining ? 'draining' : 'up',
      pid: process.pid,
      version: VERSION,
      load: {
        ...this.load.read(),
        calls: this.metrics.calls,
        callsInFlight: this.metrics.callsInFlight,
      },
      calls: this.upstreams.answersByReplica(),
      traffic: { answered, failed, inFlight: begun - answered, latency: [...latency.counts] },
    };
  }
}
