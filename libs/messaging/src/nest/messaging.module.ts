import {
  type BeforeApplicationShutdown,
  type DynamicModule,
  type FactoryProvider,
  Inject,
  Module,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { DiscoveryModule, DiscoveryService, MetadataScanner, Reflector } from '@nestjs/core';
import type { Registry } from 'prom-client';
import type { Database } from '#database';
import { TRACE_CONTEXT, type TraceContext } from '#tracing';
import { openChannel } from '../bullmq/open-channel.js';
import { Dialogs } from '../dialogs.js';
import { MessagingEngine } from '../engine/engine.js';
import { Messaging } from '../messaging.js';
import { Operations } from '../operations.js';
import { SYSTEM_CLOCK } from '../ports/clock.js';
import type { FaultPoints } from '../ports/fault-points.js';
import type { Logger } from '../ports/logger.js';
import { PostgresDialogEndpoints } from '../postgres/dialog-endpoints.js';
import { PostgresParkedMessages } from '../postgres/parked-messages.js';
import { PostgresProcessedMessages } from '../postgres/processed-messages.js';
import { PostgresQuarantineStore } from '../postgres/quarantine-store.js';
import { PostgresRetentionStore } from '../postgres/retention-store.js';
import { PostgresRouteTable } from '../postgres/route-table.js';
import { PostgresTransmissionQueue } from '../postgres/transmission-queue.js';
import type { ChannelPlan } from '../protocol/channel-spec.js';
import type { RetentionPolicy } from '../protocol/retention.js';
import type { Route } from '../protocol/routing.js';
import { Routes } from '../routes.js';
import { findHandlers } from './find-handlers.js';
import { registerMetrics } from './metrics.js';
import { operatorControllers } from './operator-controllers.js';

export interface MessagingModuleOptions {
  /** Broker instance: the one whose database `database` is. */
  readonly broker: string;
  /** This process; unique within the cluster. */
  readonly replica: string;
  /** With the tables of `MESSAGING_MIGRATIONS`. */
  readonly database: Database;
  /** `parseChannels` reads them from a configuration value. */
  readonly channels: ChannelPlan;
  /** Added to the route table where they are missing. Needed only for messages that name no broker. */
  readonly routes?: readonly Route[];
  /** How long channels may hold a message, and clocks differ; ten minutes and one where nothing is said. */
  readonly retention?: RetentionPolicy;
  readonly logger: Logger;
  /** Where the application keeps the trace of what it does; `TRACE_CONTEXT` of libs/tracing where nothing is said. */
  readonly traceContext?: TraceContext;
  readonly faultPoints?: FaultPoints;
  /** Where the metrics are registered, if anywhere. */
  readonly registry?: Registry;
}

export interface MessagingModuleAsyncOptions {
  readonly imports?: DynamicModule['imports'];
  readonly inject?: FactoryProvider['inject'];
  readonly useFactory: FactoryProvider<MessagingModuleOptions>['useFactory'];
  /** Where `Operations` and `Routes` are served over HTTP, such as `internal/messaging`; nowhere if not given. */
  readonly operatorPath?: string;
}

const OPTIONS = Symbol('messaging:options');

/** Provides `Messaging`, `Dialogs`, `Operations` and `Routes` everywhere, finds the handlers, and reads from application bootstrap to shutdown. */
@Module({})
export class MessagingModule implements OnApplicationBootstrap, BeforeApplicationShutdown, OnApplicationShutdown {
  constructor(
    @Inject(MessagingEngine) private readonly engine: MessagingEngine,
    @Inject(OPTIONS) private readonly options: MessagingModuleOptions,
    @Inject(DiscoveryService) private readonly discovery: DiscoveryService,
    @Inject(MetadataScanner) private readonly scanner: MetadataScanner,
    @Inject(Reflector) private readonly reflector: Reflector,
  ) {}

  static forRootAsync(options: MessagingModuleAsyncOptions): DynamicModule {
    const { imports = [], inject = [], useFactory, operatorPath } = options;
    return {
      module: MessagingModule,
      global: true,
      controllers: operatorPath === undefined ? [] : operatorControllers(operatorPath),
      imports: [DiscoveryModule, ...imports],
      providers: [
        { provide: OPTIONS, inject, useFactory },
        { provide: MessagingEngine, inject: [OPTIONS], useFactory: createEngine },
        { provide: Messaging, useExisting: MessagingEngine },
        { provide: Dialogs, inject: [MessagingEngine], useFactory: ({ dialogs }: MessagingEngine) => dialogs },
        { provide: Operations, inject: [MessagingEngine], useFactory: ({ operations }: MessagingEngine) => operations },
        { provide: Routes, inject: [MessagingEngine], useFactory: ({ routes }: MessagingEngine) => routes },
      ],
      exports: [Messaging, Dialogs, Operations, Routes],
    };
  }

  async onApplicationBootstrap(): Promise<void> {
    if (this.options.registry !== undefined) registerMetrics(this.options.registry, this.engine);
    const { traceContext = TRACE_CONTEXT } = this.options;
    await this.engine.start(findHandlers(this.discovery, this.scanner, this.reflector, traceContext));
  }

  /** Before HTTP closes: what HTTP requests that are still running send has to leave, too. */
  async beforeApplicationShutdown(): Promise<void> {
    await this.engine.stopReading();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.engine.close();
  }
}

function createEngine(options: MessagingModuleOptions): MessagingEngine {
  const { broker, replica, database, logger, faultPoints } = options;
  return new MessagingEngine({
    broker,
    replica,
    database,
    channels: options.channels.channels.map(openChannel),
    channelPolicy: options.channels.policy,
    queue: new PostgresTransmissionQueue(database),
    processed: new PostgresProcessedMessages(),
    endpoints: new PostgresDialogEndpoints(),
    parked: new PostgresParkedMessages(database),
    retention: new PostgresRetentionStore(database),
    retentionPolicy: options.retention,
    quarantine: new PostgresQuarantineStore(database),
    routeTable: new PostgresRouteTable(database),
    initialRoutes: options.routes ?? [],
    clock: SYSTEM_CLOCK,
    logger,
    traceContext: options.traceContext,
    faultPoints,
  });
}
