import 'reflect-metadata';
import { createLogger, Readiness, runProcess, shutDownGracefully } from '#platform';
import { readGatewayConfig } from './config.js';
import { createGateway } from './gateway.js';

runProcess('gateway', async () => {
  const config = readGatewayConfig();
  const logger = createLogger({ replica: config.REPLICA_NAME, level: config.LOG_LEVEL });
  const app = await createGateway(config, logger);
  shutDownGracefully(app, app.get(Readiness), logger);
  await app.listen(config.PORT, config.HOST);
  logger.info({ url: await app.getUrl(), profile: config.CASHPOINT_PROFILE }, 'gateway listens');
});
