import 'reflect-metadata';
import { ConfigurationError, createLogger, Readiness, shutDownGracefully } from '#platform';
import { readGatewayConfig, type GatewayConfig } from './config.js';
import { createGateway } from './gateway.js';

/** sysexits.h EX_CONFIG: the environment is wrong, and starting again will not help. */
const EXIT_CONFIGURATION = 78;

try {
  await run(readGatewayConfig());
} catch (error) {
  if (!(error instanceof ConfigurationError)) throw error;
  process.stderr.write(`gateway ${error.message}\n`);
  process.exitCode = EXIT_CONFIGURATION;
}

async function run(config: GatewayConfig): Promise<void> {
  const logger = createLogger({ replica: config.REPLICA_NAME, level: config.LOG_LEVEL });
  const app = await createGateway(config, logger);
  shutDownGracefully(app, app.get(Readiness), logger);
  await app.listen(config.PORT, config.HOST);
  logger.info({ url: await app.getUrl(), profile: config.CASHPOINT_PROFILE }, 'gateway listens');
}
