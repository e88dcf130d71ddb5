import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { HEADER, IDEMPOTENCY_KEY_PATTERN, WITHDRAWAL_GROUPS_PATH, type HttpCall } from '#contracts';
import { Problem, UpstreamUnavailable, type UpstreamAnswer, type UpstreamPool, type UpstreamRequest } from '#platform';
import { RateLimits } from '../rate-limit/rate-limits.js';
import { Upstreams } from '../upstreams.js';

/** For the whole call; longer than any step of the atm-terminal service takes by itself, milliseconds. */
const CALL_TIMEOUT_MS = 15_000;

/** After this a replica that is frozen is left and the call repeated on another one, milliseconds. */
const ATTEMPT_TIMEOUT_MS = 6_000;

/** What is handed on of a request. A list of what may pass, so that nothing a client invents reaches the inside. */
const REQUEST_HEADERS = ['authorization'] as const;

/** What is handed back of an answer. */
const ANSWER_HEADERS = [
  'content-type',
  'retry-after',
  'www-authenticate',
  HEADER.servedBy,
  HEADER.idempotencyReplayed,
] as const;

/** Hands a call of the contract to a replica and its answer back. */
@Injectable()
export class Forwarder {
  constructor(
    private readonly upstreams: Upstreams,
    private readonly limits: RateLimits,
  ) {}

  async forward(call: HttpCall, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    const answer = await this.ask(call, request);
    // A session token that the service refused was as much a guess as one that was refused here.
    if (answer.status === 401) this.limits.countFailure(request.ip);
    void reply.code(answer.status);
    for (const name of ANSWER_HEADERS) {
      const value = answer.headers[name];
      if (value !== undefined) void reply.header(name, value);
    }
    return reply.send(answer.status === 204 ? undefined : answer.body);
  }

  private async ask(call: HttpCall, request: FastifyRequest): Promise<UpstreamAnswer> {
    const toSend = requestOf(call, request);
    try {
      return call.servedBy === 'account'
        ? await firstThatKnows([...this.upstreams.accounts.values()], toSend)
        : await this.upstreams.terminals.request(toSend);
    } catch (error) {
      if (error instanceof UpstreamUnavailable) throw unavailable(error);
      throw error;
    }
  }
}

/**
 * Which broker has an account is only known to the brokers: all are asked at once, and the one that has it does not answer 404. So one
 * that is down is in nobody's way but its own customers'.
 */
async function firstThatKnows(pools: readonly UpstreamPool[], request: UpstreamRequest): Promise<UpstreamAnswer> {
  const asked = pools.map((pool) => pool.request(request));
  const knowing = asked.map(async (asking) => {
    const answer = await asking;
    if (answer.status === 404 || answer.status >= 500) throw new Error('says nothing of the account');
    return answer;
  });
  try {
    return await Promise.any(knowing);
  } catch {
    // Unknown to all, unless one could not be heard or has failed: then nobody can say.
    const answers = await Promise.all(asked);
    const answer = answers.find(({ status }) => status !== 404) ?? answers[0];
    if (answer === undefined) throw new Error('there is no account broker');
    return answer;
  }
}

function requestOf(call: HttpCall, request: FastifyRequest): UpstreamRequest {
  const path = request.raw.url ?? '';
  // RFC 9112 §3.2.2 lets a client name a host here; it is of no use inside.
  if (!path.startsWith('/')) throw new Problem('malformed', 'The request target must be a path.');
  const body = request.body as Buffer | undefined;
  return {
    method: call.method,
    path,
    headers: headersOf(call, request),
    ...(body === undefined ? {} : { body }),
    timeoutMs: CALL_TIMEOUT_MS,
    attemptTimeoutMs: ATTEMPT_TIMEOUT_MS,
    // Every call either reads or has a key by now.
    retry: 'other-replicas',
    ...(call.name === 'selectWithdrawal' ? { groupPath: WITHDRAWAL_GROUPS_PATH } : {}),
  };
}

function headersOf(call: HttpCall, request: FastifyRequest): Record<string, string> {
  const headers: Record<string, string> = { [HEADER.requestId]: request.id };
  if (request.terminalId !== null) headers[HEADER.terminalId] = request.terminalId;
  if (request.body !== undefined) headers['content-type'] = 'application/json';
  for (const name of REQUEST_HEADERS) {
    const value = request.headers[name];
    // The operator token ends here; the inside trusts the cluster key.
    if (typeof value === 'string' && !(name === 'authorization' && call.access === 'operator')) headers[name] = value;
  }
  if (call.method !== 'GET') {
    const key = request.headers[HEADER.idempotencyKey];
    if (key === undefined) headers[HEADER.keyAssigned] = '1';
    headers[HEADER.idempotencyKey] = key === undefined ? randomUUID() : validKey(key);
  }
  return headers;
}

function validKey(key: string | string[]): string {
  if (typeof key === 'string' && IDEMPOTENCY_KEY_PATTERN.test(key)) return key;
  throw new Problem('malformed', 'Idempotency-Key must be 1 to 128 printable ASCII characters without spaces.');
}

function unavailable(error: UpstreamUnavailable): Problem {
  const effect = error.maybeReceived
    ? 'It is not known whether the request had its effect: repeat it with the same Idempotency-Key.'
    : 'The request had no effect.';
  return new Problem('unavailable', `No replica has answered in time. ${effect}`, {}, 1);
}
