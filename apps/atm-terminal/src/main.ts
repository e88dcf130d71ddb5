import 'reflect-metadata';
import { MESSAGING_MIGRATIONS } from '#messaging';
import {
  ArmedFaultPoints,
  ConfigurationError,
  createApp,
  createLogger,
  createMetrics,
  databaseOf,
  NO_FAULTS,
  openDataSource,
  Readiness,
  registerDatabaseMetrics,
  requireClusterKey,
  serveHealth,
  serveMetrics,
  shutDownGracefully,
} from '#platform';
import { AtmTerminalModule } from './atm-terminal.module.js';
import { readTerminalConfig } from './config.js';
import { provideDemoData } from './demo/demo-data.js';
import { HttpAccountHost } from './host/http-account-host.js';
import { TERMINAL_MIGRATIONS } from './persistence/migrations.js';

/** sysexits.h EX_CONFIG: restarting will not help. */
const EXIT_CONFIGURATION = 78;

/** A database that takes longer to answer than this is as good as away, milliseconds. */
const READY_MS_MAX = 1_500;

async function main(): Promise<void> {
  const config = readTerminalConfig();
  const logger = createLogger({ replica: config.REPLICA_NAME, level: config.LOG_LEVEL });
  const demo = config.CASHPOINT_PROFILE === 'demo';
  const accountHost = new HttpAccountHost({
    endpoints: config.ACCOUNT_ENDPOINTS,
    placement: config.PLACEMENT,
    clusterKey: config.CLUSTER_KEY,
    logger,
  });
  const dataSource = await openDataSource({
    url: config.DATABASE_URL,
    applicationName: config.REPLICA_NAME,
    poolSize: config.DATABASE_POOL_SIZE,
    migrations: [...MESSAGING_MIGRATIONS, ...TERMINAL_MIGRATIONS],
  });
  const database = databaseOf(dataSource);
  if (demo) await provideDemoData(database);
  const registry = createMetrics(config.REPLICA_NAME);
  registerDatabaseMetrics(registry, database);
  const faultPoints = demo ? new ArmedFaultPoints() : NO_FAULTS;
  const app = await createApp({
    module: AtmTerminalModule.with({ config, dataSource, accountHost, logger, registry, faultPoints }),
    replica: config.REPLICA_NAME,
    logger,
  });
  const readiness = new Readiness([() => database.probe(READY_MS_MAX)]);
  const fastify = app.getHttpAdapter().getInstance();
  fastify.addHook('onRequest', requireClusterKey(config.CLUSTER_KEY));
  serveHealth(fastify, readiness);
  serveMetrics(fastify, registry);
  shutDownGracefully(app, readiness, logger);
  await app.listen(config.PORT, config.HOST);
  logger.info({ port: config.PORT, broker: config.BROKER, profile: config.CASHPOINT_PROFILE }, 'ready');
}

main().catch((error: unknown) => {
  const isConfiguration = error instanceof ConfigurationError;
  process.stderr.write(`${error instanceof Error ? (isConfiguration ? error.message : error.stack) : String(error)}\n`);
  process.exit(isConfiguration ? EXIT_CONFIGURATION : 1);
});
