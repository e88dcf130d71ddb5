import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import helmet from 'helmet';
import type { Logger } from 'pino';
import { Registry } from 'prom-client';
import { HEADER } from '#contracts';
import { createApp, Readiness, serveHealth, serveMetrics } from '#platform';
import { Admission } from './authentication/admission.js';
import type { GatewayConfig } from './config.js';
import { GatewayModule } from './gateway.module.js';
import { serveDocs } from './openapi/serve-docs.js';
import { allowOtherGateways } from './pages/cross-origin.js';
import { KnownGateways } from './pages/known-gateways.js';
import { servePages } from './pages/serve-pages.js';
import { CallMetrics } from './proxy/call-metrics.js';
import { serveContract } from './proxy/contract-routes.js';
import { Forwarder } from './proxy/forwarder.js';

/** All that an answer in JSON needs against a browser that guesses; pages get the whole of helmet. */
const ANSWER_HEADERS = { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' };

const protectPage = helmet({ contentSecurityPolicy: { directives: { upgradeInsecureRequests: null } } });

const ignore = () => undefined;

/** A gateway that is complete but does not listen yet. */
export async function createGateway(config: GatewayConfig, logger: Logger): Promise<NestFastifyApplication> {
  const module = GatewayModule.forRoot(config, logger);
  const answerHeaders = { ...ANSWER_HEADERS, [HEADER.gateway]: config.REPLICA_NAME };
  const app = await createApp({ module, replica: config.REPLICA_NAME, logger, answerHeaders, whileClosing: 'serve' });
  const fastify = app.getHttpAdapter().getInstance();
  const metrics = app.get(CallMetrics);
  const admission = app.get(Admission);

  fastify.decorateRequest('terminalId', null);
  fastify.addHook('onRequest', (request, reply, done) => {
    metrics.begin(request);
    // Not `onResponse`, which never comes where the client goes away in the middle of the answer.
    reply.raw.once('close', () => metrics.end(request, reply));
    done();
  });
  const gateways = app.get(KnownGateways);
  await allowOtherGateways(fastify, gateways);
  fastify.addHook('onRequest', async (request, reply) => {
    await admission.admit(request, reply);
    if (request.routeOptions.url?.startsWith('/v1/') !== true) protectPage(request.raw, reply.raw, ignore);
  });

  serveHealth(fastify, app.get(Readiness));
  serveMetrics(fastify, app.get(Registry));
  serveContract(fastify, app.get(Forwarder), logger);
  await servePages(fastify, config.PAGES, gateways, logger);
  serveDocs(app);
  return app;
}
