import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { HTTP_CALLS, type HttpCall } from '#contracts';
import { Problem, sendProblem } from '#platform';
import type { Forwarder } from './forwarder.js';
import { routePath } from './route-path.js';

const EMPTY_OBJECT = Buffer.from('{}');

/**
 * The calls of the contract that replicas serve, on Fastify itself: a body is handed on as the bytes that came, after a look whether
 * they are JSON; what they mean is for the service to judge.
 */
export function serveContract(fastify: FastifyInstance, forwarder: Forwarder, logger: Logger): void {
  fastify.register((scope, _options, done) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_request, body: Buffer, parsed) => {
      parsed(isJson(body) ? null : new Problem('malformed', 'The request body is not JSON.'), body);
    });
    scope.setErrorHandler((error, request, reply) => sendProblem(error, request, reply, logger));
    for (const call of HTTP_CALLS) {
      if (call.servedBy === 'gateway') continue;
      scope.route({
        method: call.method,
        url: routePath(call),
        exposeHeadRoute: false,
        preHandler: bodyOf(call),
        handler: (request, reply) => forwarder.forward(call, request, reply),
      });
    }
    done();
  });
}

/** Makes the body what the call takes: none, or one; where `{}` would do, so does none. */
function bodyOf(call: HttpCall): (request: FastifyRequest) => Promise<void> {
  const emptyWillDo = call.body?.safeParse({}).success === true;
  return async (request) => {
    if (call.body === undefined) request.body = undefined;
    else if (request.body === undefined || (request.body as Buffer).length === 0) {
      if (!emptyWillDo) throw new Problem('malformed', 'This call needs a JSON body.');
      request.body = EMPTY_OBJECT;
    }
  };
}

function isJson(body: Buffer): boolean {
  if (body.length === 0) return true;
  try {
    JSON.parse(body.toString());
    return true;
  } catch {
    return false;
  }
}
