import 'reflect-metadata';
import { type INestApplicationContext, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import pg from 'pg';
import { Registry } from 'prom-client';
import { DataSource } from 'typeorm';
import { Database, KEYED_PLANS } from '#database';
import { MESSAGING_MIGRATIONS, MessagingModule, parseChannels, type RetentionPolicy } from '#messaging';

export interface BrokerOptions {
  readonly broker: string;
  /** Of its database, whose tables of messages are made where they are missing. */
  readonly url: string;
  readonly channels: string;
  /** Its one service. */
  readonly service: Type;
  readonly poolSize: number;
  readonly retention?: RetentionPolicy;
}

/** One replica of a broker with one service: the messaging library without anything of the bank. */
export interface OpenBroker {
  readonly app: INestApplicationContext;
  readonly database: Database;
  readonly registry: Registry;
}

export async function openBroker(options: BrokerOptions): Promise<OpenBroker> {
  const { broker, url, service, channels, retention, poolSize } = options;
  await migrateMessaging(url);
  const pool = new pg.Pool({ connectionString: url, max: poolSize, pipeline: true, options: KEYED_PLANS });
  const database = new Database(pool);
  const registry = new Registry();
  const silent = () => undefined;
  const warn = (context: object, text: string) => process.stderr.write(`${text} ${JSON.stringify(context)}\n`);
  const messaging = MessagingModule.forRootAsync({
    useFactory: () => ({
      broker,
      replica: `${broker}-1`,
      database,
      channels: parseChannels(channels),
      ...(retention === undefined ? {} : { retention }),
      registry,
      logger: { debug: silent, info: silent, warn, error: warn },
    }),
  });
  const closePool = { provide: 'pool', useValue: { onApplicationShutdown: () => pool.end() } };
  const module = { module: class BrokerModule {}, imports: [messaging], providers: [service, closePool] };
  return { app: await NestFactory.createApplicationContext(module, { logger: ['error'] }), database, registry };
}

/** Makes the library's tables. */
export async function migrateMessaging(url: string): Promise<void> {
  const migrations = new DataSource({ type: 'postgres', url, migrations: [...MESSAGING_MIGRATIONS] });
  await migrations.initialize();
  await migrations.runMigrations();
  await migrations.destroy();
}
