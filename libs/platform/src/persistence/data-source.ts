import { DataSource, type EntitySchema, type MigrationInterface } from 'typeorm';
import type { Pool } from 'pg';
import { Database, KEYED_PLANS, poolConfigOf } from '#database';

export interface DataSourceOptions {
  /** May name several servers, of which the primary is followed; see `poolConfigOf`. */
  readonly url: string;
  readonly applicationName: string;
  readonly poolSize: number;
  readonly migrations: readonly (new () => MigrationInterface)[];
  readonly entities?: readonly (EntitySchema | (new () => object))[];
}

/** First key of the advisory lock under which replicas that start together migrate one after another. */
const MIGRATION_LOCK = 4_221_001;

/** Connects TypeORM and brings the schema up to date; replicas that start together wait for the one that migrates. */
export async function openDataSource(options: DataSourceOptions): Promise<DataSource> {
  const dataSource = new DataSource({
    type: 'postgres',
    applicationName: options.applicationName,
    poolSize: options.poolSize,
    extra: { ...poolConfigOf(options.url), idleTimeoutMillis: 60_000, options: KEYED_PLANS, pipeline: true },
    migrations: [...options.migrations],
    migrationsTableName: 'schema_migration',
    entities: [...(options.entities ?? [])],
    synchronize: false,
    logging: false,
  });
  await dataSource.initialize();
  await migrate(dataSource);
  return dataSource;
}

/** The pool that TypeORM opened, for statements of our own: one pool per process, not two. */
export function databaseOf(dataSource: DataSource): Database {
  return new Database((dataSource.driver as unknown as { master: Pool }).master);
}

async function migrate(dataSource: DataSource): Promise<void> {
  const guard = dataSource.createQueryRunner();
  try {
    await guard.query('SELECT pg_advisory_lock($1)', [MIGRATION_LOCK]);
    await dataSource.runMigrations({ transaction: 'each' });
  } finally {
    await guard.query('SELECT pg_advisory_unlock($1)', [MIGRATION_LOCK]);
    await guard.release();
  }
}
