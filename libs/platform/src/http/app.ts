import { randomUUIDv7 } from 'node:crypto';
import type { IncomingMessage, Server } from 'node:http';
import type { Type, DynamicModule } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { HEADER } from '#contracts';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { nestLogger } from '../logging/logger.js';
import { answerClientError } from './client-error.js';
import { ProblemFilter, sendProblem } from './problem.js';
import { traceCalls } from './trace-calls.js';

/** Largest body that any endpoint takes, bytes; the largest legitimate one (an audit request) is internal and sets its own. */
const BODY_BYTES_MAX = 16 * 1024;

/** For a whole request to arrive, milliseconds. */
const REQUEST_TIMEOUT_MS = 30_000;

const CLOSE_IDLE_INTERVAL_MS = 50;

/** A request id of the client's own: printable, so that it cannot break a log line, and short. */
const REQUEST_ID_PATTERN = /^[\x21-\x7e]{1,128}$/;

export interface AppOptions {
  readonly module: Type | DynamicModule;
  readonly replica: string;
  readonly logger: Logger;
  readonly bodyBytesMax?: number;
  /** Headers of every answer, beside X-Served-By and X-Request-Id. */
  readonly answerHeaders?: Readonly<Record<string, string>>;
  /**
   * What to do with calls that still arrive while the app closes: `serve` them, or `refuse` with 503, so that a balancer takes
   * them elsewhere.
   */
  readonly whileClosing?: 'serve' | 'refuse';
}

/** A Nest application on Fastify with what every app of the cluster has: request ids, X-Served-By, problems, only JSON bodies. */
export async function createApp(options: AppOptions): Promise<NestFastifyApplication> {
  const answerHeaders = { ...options.answerHeaders, [HEADER.servedBy]: options.replica };
  const adapter = new FastifyAdapter({
    bodyLimit: options.bodyBytesMax ?? BODY_BYTES_MAX,
    requestIdHeader: false,
    genReqId: ({ headers }: IncomingMessage) => {
      const given = headers[HEADER.requestId];
      return typeof given === 'string' && REQUEST_ID_PATTERN.test(given) ? given : randomUUIDv7();
    },
    // What the router refuses (a malformed URL) meets no hook.
    frameworkErrors: (error: Error, request: FastifyRequest, reply: FastifyReply) =>
      sendProblem(error, request, reply.headers(answerHeaders), options.logger),
    clientErrorHandler: answerClientError,
    // Longer than any client keeps an idle connection, so that it is never closed under a request that is just being sent.
    keepAliveTimeout: 75_000,
    requestTimeout: REQUEST_TIMEOUT_MS,
    // What runs is finished; Nest's option of this name would cut it off.
    forceCloseConnections: 'idle',
    return503OnClosing: options.whileClosing !== 'serve',
  });
  const app = await NestFactory.create<NestFastifyApplication>(options.module, adapter, {
    logger: nestLogger(options.logger),
    abortOnError: false,
  });
  app.useGlobalFilters(new ProblemFilter(options.logger));
  const fastify = app.getHttpAdapter().getInstance();
  fastify.addHook('onRequest', (request, reply, done) => {
    void reply.headers(answerHeaders).header(HEADER.requestId, request.id);
    done();
  });
  traceCalls(fastify, options.logger);
  fastify.addHook('preClose', (done) => {
    closeAsTheyFallIdle(fastify.server);
    done();
  });
  return app;
}

/** A closing server ends idle connections only once; those that were busy then would keep it open until their time-out. */
function closeAsTheyFallIdle(server: Server): void {
  const timer = setInterval(() => server.closeIdleConnections(), CLOSE_IDLE_INTERVAL_MS);
  server.once('close', () => clearInterval(timer));
}
