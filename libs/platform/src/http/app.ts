import { randomUUIDv7 } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Type, DynamicModule } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { HEADER } from '#contracts';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { nestLogger } from '../logging/logger.js';
import { ProblemFilter, sendProblem } from './problem.js';

/** Largest body that any endpoint takes, bytes; the largest legitimate one (an audit request) is internal and sets its own. */
const BODY_BYTES_MAX = 16 * 1024;

/** A request id of the client's own: printable, so that it cannot break a log line, and short. */
const REQUEST_ID_PATTERN = /^[\x21-\x7e]{1,128}$/;

export interface AppOptions {
  readonly module: Type | DynamicModule;
  readonly replica: string;
  readonly logger: Logger;
  readonly bodyBytesMax?: number;
  /** Headers of every answer, beside X-Served-By and X-Request-Id. */
  readonly answerHeaders?: Readonly<Record<string, string>>;
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
    keepAliveTimeout: 75_000,
    forceCloseConnections: 'idle',
  });
  const app = await NestFactory.create<NestFastifyApplication>(options.module, adapter, {
    logger: nestLogger(options.logger),
    abortOnError: false,
    forceCloseConnections: true,
  });
  app.useGlobalFilters(new ProblemFilter(options.logger));
  app
    .getHttpAdapter()
    .getInstance()
    .addHook('onRequest', (request, reply, done) => {
      void reply.headers(answerHeaders).header(HEADER.requestId, request.id);
      done();
    });
  return app;
}
