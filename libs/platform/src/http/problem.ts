import { ArgumentsHost, Catch, HttpException, type ExceptionFilter } from '@nestjs/common';
import { HEADER, problemBody, PROBLEMS, type ProblemBody, type ProblemKind } from '#contracts';
import { DatabaseUnavailable, OutcomeUnknown } from '#database';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';

/** A refusal in the user's words, answered as RFC 9457. Throw it anywhere below a controller. */
export class Problem extends Error {
  constructor(
    readonly kind: ProblemKind,
    detail: string,
    readonly members: Record<string, unknown> = {},
    /** Seconds after which a repeat may succeed; sent as Retry-After. */
    readonly retryAfterSeconds?: number,
    /** Sent with it. */
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(detail);
  }

  body(): ProblemBody {
    return problemBody(this.kind, this.message, this.members);
  }
}

/** Turns everything thrown below a controller into a problem; what nobody expected is logged and answered as 500. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(private readonly logger: Logger) {}

  catch(thrown: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    sendProblem(thrown, http.getRequest<FastifyRequest>(), http.getResponse<FastifyReply>(), this.logger);
  }
}

/** The same for handlers outside Nest's pipeline. */
export function sendProblem(thrown: unknown, request: FastifyRequest, reply: FastifyReply, logger: Logger): void {
  const { status, headers, body } = problemAnswer(thrown, request, logger);
  void reply.status(status).headers(headers).send(body);
}

/** An answer whose body is rendered. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: string;
}

/** The problem that whatever was thrown is answered with; logged where it is not the caller's. */
export function problemAnswer(thrown: unknown, { id, url }: { id: string; url: string }, logger: Logger): HttpAnswer {
  const problem = asProblem(thrown);
  const isDatabaseAway = thrown instanceof DatabaseUnavailable || thrown instanceof OutcomeUnknown;
  if (problem.kind === 'internal') logger.error({ err: thrown, requestId: id, url }, 'unexpected error');
  if (isDatabaseAway) logger.warn({ err: thrown, requestId: id, url }, 'answered without the database');
  const { retryAfterSeconds, headers } = problem;
  return {
    status: PROBLEMS[problem.kind].status,
    headers: {
      ...headers,
      'content-type': 'application/problem+json',
      [HEADER.requestId]: id,
      // Another replica may have it already. Every call may be repeated: it reads, or has an idempotency key.
      ...(isDatabaseAway ? { [HEADER.replicaUnable]: '1' } : {}),
      ...(retryAfterSeconds === undefined ? {} : { 'retry-after': String(retryAfterSeconds) }),
    },
    body: JSON.stringify({ ...problem.body(), requestId: id }),
  };
}

/** A database fails over within seconds. */
const DATABASE_RETRY_SECONDS = 2;

const KIND_BY_STATUS: Readonly<Record<number, ProblemKind>> = {
  400: 'malformed',
  401: 'unauthenticated',
  403: 'forbidden',
  404: 'not-found',
  413: 'too-large',
  415: 'unsupported-media-type',
  429: 'too-many-requests',
  503: 'unavailable',
};

/** Fastify and Nest raise errors of their own (body too large, no such path, malformed JSON); they become the same problems. */
function asProblem(thrown: unknown): Problem {
  if (thrown instanceof Problem) return thrown;
  if (thrown instanceof DatabaseUnavailable) {
    return new Problem('unavailable', 'The database is away. The request had no effect.', {}, DATABASE_RETRY_SECONDS);
  }
  if (thrown instanceof OutcomeUnknown) {
    return new Problem(
      'unavailable',
      'The database was lost before it answered. It is not known whether the request had its effect: repeat it with the same Idempotency-Key.',
      {},
      DATABASE_RETRY_SECONDS,
    );
  }
  const status =
    thrown instanceof HttpException ? thrown.getStatus() : Number((thrown as { statusCode?: unknown }).statusCode);
  const kind = KIND_BY_STATUS[status] ?? (status >= 400 && status < 500 ? 'malformed' : undefined);
  return kind === undefined
    ? new Problem(
        'internal',
        'The request could not be completed. Nothing can be said about its effect; ask again with the same idempotency key.',
      )
    : new Problem(kind, thrown instanceof Error ? thrown.message : PROBLEMS[kind].title);
}
