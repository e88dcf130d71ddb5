import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { GROUP_BODY_BYTES_MAX, GROUPED_ANSWERS_TYPE, groupedCallsSchema, HEADER, type GroupedCall } from '#contracts';
import { isTraceparent, newTraceparent, TRACE_CONTEXT } from '#tracing';
import { problemAnswer, type HttpAnswer } from './problem.js';
import { logAnswered } from './trace-calls.js';
import { validate } from './validate.js';

/** Escaped, and with the headers of a hundred calls. */
const BODY_BYTES_MAX = 4 * GROUP_BODY_BYTES_MAX;

/** One call of a group, as its handler has it. */
export interface CallInGroup {
  readonly path: string;
  readonly headers: FastifyRequest['headers'];
  readonly body: unknown;
}

export interface GroupService {
  readonly path: string;
  /** Answers one call, as it would be answered by itself; what it throws becomes a problem. */
  readonly answer: (call: CallInGroup) => Promise<HttpAnswer>;
  readonly logger: Logger;
}

/** Takes calls in groups (`UpstreamRequest.groupPath`): each is handled by itself, in its own trace, and answered when it is done. */
export function serveGroups(fastify: FastifyInstance, service: GroupService): void {
  const parse = fastify.getDefaultJsonParser('error', 'error');
  fastify.post(service.path, { bodyLimit: BODY_BYTES_MAX }, (request, reply) => {
    const calls = validate(groupedCallsSchema, request.body);
    const answers = new Answers(calls.length);
    for (const [index, call] of calls.entries()) {
      const given = call[1]['traceparent'];
      const traceparent = isTraceparent(given) ? given : newTraceparent();
      TRACE_CONTEXT.run(traceparent, () => {
        void answerOf(call, request).then((answer) => {
          answers.add(index, answer);
          log(call, answer, reply, traceparent);
        });
      });
    }
    return reply.type(GROUPED_ANSWERS_TYPE).send(answers.stream);
  });

  async function answerOf([path, headers, text]: GroupedCall, request: FastifyRequest): Promise<HttpAnswer> {
    try {
      return await service.answer({ path, headers, body: text === '' ? undefined : await parsed(text, request) });
    } catch (error) {
      return problemAnswer(error, { id: headers[HEADER.requestId] ?? request.id, url: path }, service.logger);
    }
  }

  /** The line that the call would have by itself; the group has its own. */
  function log([, headers]: GroupedCall, { status }: HttpAnswer, reply: FastifyReply, traceparent: string): void {
    if (!service.logger.isLevelEnabled('debug')) return;
    const requestId = headers[HEADER.requestId] ?? reply.request.id;
    const call = { requestId, method: 'POST', route: service.path, status, ms: reply.elapsedTime };
    logAnswered(service.logger, call, traceparent);
  }

  function parsed(text: string, request: FastifyRequest): Promise<unknown> {
    return new Promise((resolve, reject) => {
      void parse(request, text, (error, body) => (error ? reject(error) : resolve(body)));
    });
  }
}

/** Answers of one turn of the event loop leave together. */
class Answers {
  readonly stream = new Readable({ read: () => undefined });
  private lines = '';

  constructor(private left: number) {
    if (left === 0) this.stream.push(null);
  }

  add(index: number, { status, headers, body }: HttpAnswer): void {
    if (this.lines === '') setImmediate(() => this.leave());
    this.lines += `${JSON.stringify([index, status, headers, body])}\n`;
    this.left -= 1;
  }

  private leave(): void {
    this.stream.push(this.lines);
    this.lines = '';
    if (this.left === 0) this.stream.push(null);
  }
}
