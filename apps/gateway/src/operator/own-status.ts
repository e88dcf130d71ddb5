import { Inject, Injectable } from '@nestjs/common';
import { Readiness } from '#platform';
import { GATEWAY_CONFIG, type GatewayConfig } from '../config.js';
import { CallMetrics } from '../proxy/call-metrics.js';
import type { ReplicaStatus } from './replica-status.js';

/** How this gateway stands. */
@Injectable()
export class OwnStatus {
  constructor(
    @Inject(GATEWAY_CONFIG) private readonly config: GatewayConfig,
    private readonly readiness: Readiness,
    private readonly metrics: CallMetrics,
  ) {}

  read(): ReplicaStatus {
    return {
      name: this.config.REPLICA_NAME,
      kind: 'gateway',
      role: 'gateway',
      state: this.readiness.isDraining ? 'draining' : 'up',
      pid: process.pid,
      version: process.env['npm_package_version'] ?? null,
      load: {
        calls: this.metrics.calls,
        callsInFlight: this.metrics.callsInFlight,
        memoryBytes: process.memoryUsage.rss(),
        uptimeSeconds: Math.round(process.uptime()),
      },
    };
  }
}
