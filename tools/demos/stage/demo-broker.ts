import 'reflect-metadata';
import type { DynamicModule, FactoryProvider, INestApplicationContext, Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { QueryResultRow } from 'pg';
import { Registry } from 'prom-client';
import { Database } from '#database';
import { Dialogs, Messaging, MESSAGING_MIGRATIONS, MessagingModule, parseChannels, Routes } from '#messaging';
import { databaseOf, openDataSource } from '#platform';
import { MessagingEngine } from '../../../libs/messaging/src/engine/engine.js';

const POOL_SIZE = 6;
const SILENT = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };

export interface DemoBrokerOptions {
  readonly broker: string;
  /** A database of its own. */
  readonly databaseUrl: string;
  readonly channels: string;
  /** The class under `MessageService`, where it serves anything. Gets `Database` where it asks for it. */
  readonly endpoint?: Type;
  /** Called at the library's fault points: where it throws, nothing goes on from there; where it waits, that comes late. */
  readonly reach?: (point: string) => void | Promise<void>;
  /** SABOTAGE, for demos: puts another engine in the place of the library's. */
  readonly sabotage?: (engine: MessagingEngine) => MessagingEngine;
}

/** A broker instance inside the demo's own process: the library, a database, and one endpoint. */
export class DemoBroker {
  private constructor(
    private readonly app: INestApplicationContext,
    private readonly registry: Registry,
    readonly database: Database,
    private readonly closeDatabase: () => Promise<void>,
  ) {}

  static async open(options: DemoBrokerOptions): Promise<DemoBroker> {
    const { broker, databaseUrl: url, endpoint, reach = () => undefined } = options;
    const migrations = [...MESSAGING_MIGRATIONS];
    const dataSource = await openDataSource({ url, applicationName: broker, poolSize: POOL_SIZE, migrations });
    const database = databaseOf(dataSource);
    const registry = new Registry();
    const messaging = MessagingModule.forRootAsync({
      useFactory: () => ({
        broker,
        replica: `${broker}-1`,
        database,
        channels: parseChannels(options.channels),
        logger: SILENT,
        faultPoints: { reach: async (point: string) => reach(point) },
        registry,
      }),
    });
    const module = {
      module: class DemoModule {},
      imports: [options.sabotage === undefined ? messaging : sabotaged(messaging, options.sabotage)],
      providers: [{ provide: Database, useValue: database }, ...(endpoint === undefined ? [] : [endpoint])],
    };
    const app = await NestFactory.createApplicationContext(module, { logger: false });
    return new DemoBroker(app, registry, database, () => dataSource.destroy());
  }

  get messaging(): Messaging {
    return this.app.get(Messaging);
  }

  get dialogs(): Dialogs {
    return this.app.get(Dialogs);
  }

  get routes(): Routes {
    return this.app.get(Routes);
  }

  rows<Row extends object>(text: string, values: readonly unknown[] = []): Promise<Row[]> {
    return this.database.query<Row & QueryResultRow>({ name: text.slice(0, 60), text }, values);
  }

  /** One of the library's counters. */
  async metric(name: string): Promise<number> {
    const { values = [] } = (await this.registry.getSingleMetric(name)?.get()) ?? {};
    return values.reduce((sum, { value }) => sum + value, 0);
  }

  async close(): Promise<void> {
    await this.app.close();
    await this.closeDatabase();
  }
}

/** The module with its engine replaced, from outside: the library itself offers no way to be weakened. */
function sabotaged(messaging: DynamicModule, sabotage: (engine: MessagingEngine) => MessagingEngine): DynamicModule {
  const providers = messaging.providers?.map((provider) => {
    const { provide, useFactory, ...rest } = provider as FactoryProvider<MessagingEngine>;
    if (provide !== MessagingEngine) return provider;
    return { provide, ...rest, useFactory: async (...values: unknown[]) => sabotage(await useFactory(...values)) };
  });
  return { ...messaging, providers: providers ?? [] };
}
