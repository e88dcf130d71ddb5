import 'reflect-metadata';
import type { INestApplicationContext, Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Registry } from 'prom-client';
import { Database } from '#database';
import { Messaging, MESSAGING_MIGRATIONS, MessagingModule, parseChannels } from '#messaging';
import { databaseOf, openDataSource } from '#platform';

const POOL_SIZE = 6;
const SILENT = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };

export interface DemoBrokerOptions {
  readonly broker: string;
  /** A database of its own. */
  readonly databaseUrl: string;
  readonly channels: string;
  /** The class under `MessageService`, where it serves anything. Gets `Database` where it asks for it. */
  readonly endpoint?: Type;
  /** Called at the library's fault points; what it throws is as if the process had ended there. */
  readonly reach?: (point: string) => void;
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
    const module = {
      module: class DemoModule {},
      imports: [
        MessagingModule.forRootAsync({
          useFactory: () => ({
            broker,
            replica: `${broker}-1`,
            database,
            channels: parseChannels(options.channels),
            logger: SILENT,
            faultPoints: { reach: async (point: string) => reach(point) },
            registry,
          }),
        }),
      ],
      providers: [{ provide: Database, useValue: database }, ...(endpoint === undefined ? [] : [endpoint])],
    };
    const app = await NestFactory.createApplicationContext(module, { logger: false });
    return new DemoBroker(app, registry, database, () => dataSource.destroy());
  }

  get messaging(): Messaging {
    return this.app.get(Messaging);
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
