import { Inject, Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { HEADER, HTTP_CALLS, type Access } from '#contracts';
import { clusterKeyCheck, Problem, secretMatcher } from '#platform';
import { GATEWAY_CONFIG, type GatewayConfig } from '../config.js';
import { PAGE_ROUTES } from '../pages/serve-pages.js';
import { routePath } from '../proxy/route-path.js';
import { RateLimits } from '../rate-limit/rate-limits.js';
import { TerminalRegistry } from './terminal-registry.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** Terminal whose key came with the call; null without one. */
    terminalId: string | null;
  }
}

/** What everybody may read without a key. Everything else that is not in the contract is refused, so that a new route is closed until it is there. */
const PUBLIC = [/^\/health\//, /^\/metrics$/, /^\/docs(\/|-json$|-yaml$|$)/, PAGE_ROUTES];

const INTERNAL = /^\/internal\//;

const BEARER = /^Bearer ([\x21-\x7e]{1,512})$/i;

/** Who may make which call (`access` of the contract). Runs before a body is read. */
@Injectable()
export class Admission {
  private readonly access = new Map<string, Access>(
    HTTP_CALLS.map((call) => [`${call.method} ${routePath(call)}`, call.access]),
  );
  private readonly checkClusterKey: (request: FastifyRequest) => void;
  private readonly isOperatorToken: (given: string) => boolean;

  constructor(
    @Inject(GATEWAY_CONFIG) config: GatewayConfig,
    private readonly registry: TerminalRegistry,
    private readonly limits: RateLimits,
  ) {
    this.checkClusterKey = clusterKeyCheck(config.CLUSTER_KEY);
    this.isOperatorToken = secretMatcher(config.OPERATOR_TOKEN);
  }

  /** Throws the problem to answer with where the call may not pass. */
  async admit(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const { url } = request.routeOptions;
    if (url !== undefined && INTERNAL.test(url)) {
      this.checkClusterKey(request);
      return;
    }
    const access = url === undefined ? 'public' : this.accessTo(request.method, url);
    if (access !== 'public') {
      this.limits.refuseGuessing(request.ip);
      try {
        await this.authenticate(access, request);
      } catch (error) {
        this.learn(error, access, request, reply);
        throw error;
      }
    }
    this.limits.countCall(request.terminalId ?? request.ip);
  }

  private accessTo(method: string, url: string): Access {
    const access = this.access.get(`${method} ${url}`);
    if (access !== undefined) return access;
    if (PUBLIC.some((pattern) => pattern.test(url))) return 'public';
    throw new Problem('not-found', 'There is no such call.');
  }

  private async authenticate(access: Access, request: FastifyRequest): Promise<void> {
    const { authorization, [HEADER.terminalKey]: terminalKey } = request.headers;
    const token = BEARER.exec(authorization ?? '')?.[1];
    if (access === 'operator') {
      if (token === undefined || !this.isOperatorToken(token)) {
        throw new Problem('unauthenticated', 'This call needs the operator token (Authorization: Bearer …).');
      }
      return;
    }
    // The atm-terminal service verifies the token; here it only has to look like one.
    if (access === 'cardholder' && token === undefined) {
      throw new Problem('unauthenticated', 'This call needs the session token (Authorization: Bearer …).');
    }
    if (terminalKey !== undefined) request.terminalId = await this.registry.identify(String(terminalKey));
    if (request.terminalId === null && (access === 'terminal' || terminalKey !== undefined)) {
      throw new Problem('unauthenticated', 'This call needs the key of a terminal (X-Terminal-Key).');
    }
  }

  private learn(error: unknown, access: Access, request: FastifyRequest, reply: FastifyReply): void {
    if (!(error instanceof Problem) || error.kind !== 'unauthenticated') return;
    this.limits.countFailure(request.ip);
    // RFC 9110 §15.5.2: a 401 names the scheme.
    void reply.header('www-authenticate', access === 'terminal' ? 'Terminal-Key' : 'Bearer');
  }
}
