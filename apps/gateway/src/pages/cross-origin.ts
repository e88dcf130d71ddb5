import cors, { type FastifyCorsOptions } from '@fastify/cors';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { HEADER } from '#contracts';
import type { KnownGateways } from './known-gateways.js';

/** How long a browser may keep the permission, seconds. */
const PERMISSION_SECONDS = 600;

const HEADERS_IN = ['authorization', 'content-type', 'last-event-id', HEADER.idempotencyKey, HEADER.requestId];

const HEADERS_OUT = [HEADER.gateway, HEADER.idempotencyReplayed, HEADER.requestId, HEADER.servedBy, 'retry-after'];

/**
 * Lets the pages of the other gateways call this one under `/v1`, and no other page. Must be registered before admission: a browser asks for
 * permission without credentials.
 */
export async function allowOtherGateways(fastify: FastifyInstance, gateways: KnownGateways): Promise<void> {
  const optionsFor = async (request: FastifyRequest): Promise<FastifyCorsOptions> => {
    const concerned = request.headers.origin !== undefined && request.raw.url?.startsWith('/v1/') === true;
    return {
      origin: concerned ? await gateways.seenFrom(request) : false,
      methods: ['GET', 'POST', 'PUT', 'DELETE'],
      allowedHeaders: [...HEADERS_IN, HEADER.terminalKey],
      exposedHeaders: HEADERS_OUT,
      maxAge: PERMISSION_SECONDS,
    };
  };
  await fastify.register(cors, () => optionsFor);
}
