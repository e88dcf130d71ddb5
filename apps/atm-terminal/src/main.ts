import 'reflect-metadata';
import { MESSAGING_MIGRATIONS } from '#messaging';
import {
  ArmedFaultPoints,
  createApp,
  createLogger,
  createMetrics,
  databaseOf,
  NO_FAULTS,
  openDataSource,
  registerDatabaseMetrics,
  runProcess,
  serveReplica,
} from '#platform';
import { AtmTerminalModule } from './atm-terminal.module.js';
import { readTerminalConfig } from './config.js';
import { provideDemoData } from './demo/demo-data.js';
import { HttpAccountHost } from './host/http-account-host.js';
import { TERMINAL_MIGRATIONS } from './persistence/migrations.js';
import { serveWithdrawalGroups } from './withdrawal/serve-withdrawal-groups.js';
import { WithdrawalSelection } from './withdrawal/withdrawal-selection.js';

runProcess('atm-terminal', async () => {
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
  const fastify = app.getHttpAdapter().getInstance();
  serveWithdrawalGroups(fastify, app.get(WithdrawalSelection), logger);
  await serveReplica(app, { config, database, registry, logger });
});
