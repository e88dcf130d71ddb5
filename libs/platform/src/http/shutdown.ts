import type { Server } from 'node:http';
import type { INestApplication } from '@nestjs/common';
import type { Logger } from 'pino';
import type { Readiness } from '../observability/health.js';

/** Time for balancers to see `not ready` before connections close, milliseconds. */
const DRAIN_MS = 1_000;

/** After this a hanging shutdown is cut short, milliseconds; below the ten seconds that Docker grants. */
const CLOSE_MS_MAX = 8_000;

/** On SIGTERM or SIGINT: say not ready, let balancers turn away, finish what is running, close, exit 0. */
export function shutDownGracefully(app: INestApplication, readiness: Readiness, logger: Logger): void {
  const stop = (signal: string) => {
    if (readiness.isDraining) return;
    readiness.drain();
    logger.info({ signal }, 'draining');
    const server = app.getHttpServer() as Server;
    // From now on each answer ends its connection, so that clients go elsewhere with the next call.
    server.prependListener('request', (_request, response) => (response.shouldKeepAlive = false));
    setTimeout(() => {
      setTimeout(() => process.exit(1), CLOSE_MS_MAX).unref();
      app.close().then(
        () => process.exit(0),
        (error: unknown) => {
          logger.error({ err: error }, 'shutdown failed');
          process.exit(1);
        },
      );
    }, DRAIN_MS);
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
}
