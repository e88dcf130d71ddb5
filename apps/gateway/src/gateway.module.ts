import { Module, type DynamicModule } from '@nestjs/common';
import type { Logger } from 'pino';
import { Registry } from 'prom-client';
import { createMetrics, Readiness } from '#platform';
import { Admission } from './authentication/admission.js';
import { TerminalRegistry } from './authentication/terminal-registry.js';
import { GATEWAY_CONFIG, LOGGER, type GatewayConfig } from './config.js';
import { Audit } from './operator/audit.js';
import { Brokers } from './operator/brokers.js';
import { ClusterCensus } from './operator/cluster-census.js';
import { MembersController } from './operator/control/members.controller.js';
import { Supervisor } from './operator/control/supervisor.js';
import { EventStream } from './operator/events/event-stream.js';
import { EventsController } from './operator/events/events.controller.js';
import { Money } from './operator/events/money.js';
import { Faults } from './operator/faults.js';
import { InternalController } from './operator/internal.controller.js';
import { MessagesController } from './operator/messages.controller.js';
import { OperatorController } from './operator/operator.controller.js';
import { OwnStatus } from './operator/own-status.js';
import { RoutesController } from './operator/routes.controller.js';
import { GatewaysController } from './pages/gateways.controller.js';
import { KnownGateways } from './pages/known-gateways.js';
import { CallMetrics } from './proxy/call-metrics.js';
import { Forwarder } from './proxy/forwarder.js';
import { RateLimits } from './rate-limit/rate-limits.js';
import { TrailController } from './trail/trail.controller.js';
import { WithdrawalTrails } from './trail/withdrawal-trails.js';
import { terminalsReady } from './terminals-ready.js';
import { Upstreams } from './upstreams.js';

@Module({})
export class GatewayModule {
  static forRoot(config: GatewayConfig, logger: Logger): DynamicModule {
    return {
      module: GatewayModule,
      controllers: [
        GatewaysController,
        OperatorController,
        EventsController,
        MembersController,
        MessagesController,
        RoutesController,
        TrailController,
        InternalController,
      ],
      providers: [
        { provide: GATEWAY_CONFIG, useValue: config },
        { provide: LOGGER, useValue: logger },
        { provide: Registry, useFactory: () => createMetrics(config.REPLICA_NAME) },
        {
          provide: Readiness,
          inject: [Upstreams],
          useFactory: (upstreams: Upstreams) => new Readiness([terminalsReady(upstreams.terminals)]),
        },
        Admission,
        Audit,
        Brokers,
        CallMetrics,
        ClusterCensus,
        EventStream,
        Faults,
        Forwarder,
        KnownGateways,
        Money,
        OwnStatus,
        RateLimits,
        Supervisor,
        TerminalRegistry,
        Upstreams,
        WithdrawalTrails,
      ],
    };
  }
}
