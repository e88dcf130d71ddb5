import { hash, timingSafeEqual } from 'node:crypto';
import type { FastifyRequest, onRequestHookHandler } from 'fastify';
import { HEADER } from '#contracts';
import { Problem } from './problem.js';

/** Compares what is given with one secret, without telling by time where they differ. */
export function secretMatcher(expected: string): (given: string) => boolean {
  const expectedDigest = digestOf(expected);
  return (given) => timingSafeEqual(digestOf(given), expectedDigest);
}

const digestOf = (text: string) => hash('sha256', text, 'buffer');

/** Check for apps that only the cluster may call: everything but health and metrics needs the cluster key. Throws 401. */
export function clusterKeyCheck(clusterKey: string): (request: FastifyRequest) => void {
  const isKey = secretMatcher(clusterKey);
  return (request) => {
    if (request.url.startsWith('/health/') || request.url === '/metrics') return;
    const given = request.headers[HEADER.clusterKey];
    if (typeof given !== 'string' || !isKey(given)) {
      throw new Problem('unauthenticated', 'This address is for parts of the cluster only.');
    }
  };
}

/** The same as a hook. */
export function requireClusterKey(clusterKey: string): onRequestHookHandler {
  const check = clusterKeyCheck(clusterKey);
  return (request, _reply, done) => {
    try {
      check(request);
      done();
    } catch (error) {
      done(error as Problem);
    }
  };
}
