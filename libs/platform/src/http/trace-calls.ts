import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import { isTraceparent, newTraceparent, TRACE_CONTEXT, traceIdOf } from '#tracing';

declare module 'fastify' {
  interface FastifyRequest {
    /** W3C trace context; null until the request has been read. */
    traceparent: string | null;
  }
}

/**
 * Handles each call as part of the trace that its `traceparent` names, or of a new one, and writes one line per call at level
 * `debug`. The context is entered when the body has been read, since what a stream calls does not know who listens.
 */
export function traceCalls(fastify: FastifyInstance, logger: Logger): void {
  fastify.decorateRequest('traceparent', null);
  fastify.addHook('preValidation', (request, _reply, done) => {
    const { traceparent } = request.headers;
    request.traceparent = isTraceparent(traceparent) ? traceparent : newTraceparent();
    TRACE_CONTEXT.run(request.traceparent, done);
  });
  if (!logger.isLevelEnabled('debug')) return;
  fastify.addHook('onResponse', ({ id, method, routeOptions, traceparent }, reply, done) => {
    const call = { requestId: id, method, route: routeOptions.url, status: reply.statusCode, ms: reply.elapsedTime };
    logAnswered(logger, call, traceparent);
    done();
  });
}

interface AnsweredCall {
  readonly requestId: string;
  readonly method: string;
  /** As the app has it, without ids. */
  readonly route: string | undefined;
  readonly status: number;
  readonly ms: number;
}

/** The line about a call at level `debug`. */
export function logAnswered(logger: Logger, call: AnsweredCall, traceparent: string | null): void {
  logger.debug({ ...call, traceId: traceparent === null ? undefined : traceIdOf(traceparent) }, 'call answered');
}
