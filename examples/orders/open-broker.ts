import 'reflect-metadata';
import type { INestApplicationContext, Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import pg from 'pg';
import { DataSource } from 'typeorm';
import { Database, KEYED_PLANS } from '#database';
import { MESSAGING_MIGRATIONS, MessagingModule, parseChannels } from '#messaging';

const log = (context: object, message: string) => process.stderr.write(`${message} ${JSON.stringify(context)}\n`);

/** One broker instance in one replica: a database with the library's tables and the service's own, and the service. */
export async function openBroker(
  broker: string,
  { databaseUrl, channels }: { databaseUrl: string; channels: string },
  tables: string,
  service: Type,
): Promise<INestApplicationContext> {
  const migrations = new DataSource({ type: 'postgres', url: databaseUrl, migrations: [...MESSAGING_MIGRATIONS] });
  await migrations.initialize();
  await migrations.runMigrations();
  await migrations.query(tables);
  await migrations.destroy();

  const pool = new pg.Pool({ connectionString: databaseUrl, max: 8, pipeline: true, options: KEYED_PLANS });
  pool.on('error', () => undefined);
  const database = new Database(pool);
  const messaging = MessagingModule.forRootAsync({
    useFactory: () => ({
      broker,
      replica: `${broker}-1`,
      database,
      channels: parseChannels(channels),
      logger: { debug: () => undefined, info: () => undefined, warn: log, error: log },
    }),
  });
  const closePool = { provide: 'pool', useValue: { onApplicationShutdown: () => pool.end() } };
  const providers = [{ provide: Database, useValue: database }, service, closePool];
  const module = { module: class BrokerModule {}, imports: [messaging], providers };
  return NestFactory.createApplicationContext(module, { logger: ['error'] });
}
