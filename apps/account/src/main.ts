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
import { AccountModule } from './account.module.js';
import { readAccountConfig } from './config.js';
import { provideDemoData } from './demo/demo-data.js';
import { ACCOUNT_MIGRATIONS } from './persistence/schema/create-account-schema.js';
import { CardKeys } from './pin/card-keys.js';

/** An audit request lists what is in flight: up to 200,000 ids of 39 bytes. */
const BODY_BYTES_MAX = 8 * 1024 * 1024;

runProcess('account', async () => {
  const config = readAccountConfig();
  const logger = createLogger({ replica: config.REPLICA_NAME, level: config.LOG_LEVEL });
  const demo = config.CASHPOINT_PROFILE === 'demo';
  const dataSource = await openDataSource({
    url: config.DATABASE_URL,
    applicationName: config.REPLICA_NAME,
    poolSize: config.DATABASE_POOL_SIZE,
    migrations: [...MESSAGING_MIGRATIONS, ...ACCOUNT_MIGRATIONS],
  });
  const database = databaseOf(dataSource);
  if (demo) {
    const { BROKER: broker, PLACEMENT: placement } = config;
    await provideDemoData(database, { keys: new CardKeys(config.CARD_KEY, config.PIN_KEY), broker, placement });
  }
  const registry = createMetrics(config.REPLICA_NAME);
  registerDatabaseMetrics(registry, database);
  const faultPoints = demo ? new ArmedFaultPoints() : NO_FAULTS;
  const app = await createApp({
    module: AccountModule.with({ config, dataSource, logger, registry, faultPoints }),
    replica: config.REPLICA_NAME,
    logger,
    bodyBytesMax: BODY_BYTES_MAX,
  });
  await serveReplica(app, { config, database, registry, logger });
});
