import { timingSafeEqual, createHash } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import { HEADER } from '#contracts';
import { Problem } from './problem.js';

/** Compares secrets without telling by time where they differ. */
export function sameSecret(given: string, expected: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(expected));
}

/** Hook for apps that only the cluster may call: everything but health and metrics needs the cluster key. */
export function requireClusterKey(clusterKey: string): (request: FastifyRequest) => Promise<void> {
  return async (request) => {
    if (request.url.startsWith('/health/') || request.url === '/metrics') return;
    const given = request.headers[HEADER.clusterKey];
    if (typeof given !== 'string' || !sameSecret(given, clusterKey)) {
      throw new Problem('unauthenticated', 'This address is for parts of the cluster only.');
    }
  };
}
