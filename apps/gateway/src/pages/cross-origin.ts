import cors, { type FastifyCorsOptions, type FastifyCorsOptionsDelegateCallback } from '@fastify/cors';
import type { FastifyInstance } from 'fastify';
import { HEADER } from '#contracts';
import type { KnownGateways } from './known-gateways.js';

/** How long a browser may keep the permission, seconds. */
const PERMISSION_SECONDS = 600;

const HEADERS_IN = ['authorization', 'content-type', 'last-event-id', HEADER.idempotencyKey, HEADER.requestId];

const HEADERS_OUT = [HEADER.gateway, HEADER.idempotencyReplayed, HEADER.requestId, HEADER.servedBy, 'retry-after'];

const FOR_NOBODY: FastifyCorsOptions = { origin: false };

const FOR_GATEWAYS: FastifyCorsOptions = {
  methods: ['GET', 'POST', 'PUT', 'DELETE'],
  allowedHeaders: [...HEADERS_IN, HEADER.terminalKey],
  exposedHeaders: HEADERS_OUT,
  maxAge: PERMISSION_SECONDS,
};

/**
 * Lets the pages of the other gateways call this one under `/v1`, and no other page. Must be registered before admission: a browser asks for
 * permission without credentials. Machines name no origin, and are not made to wait for the list of gateways.
 */
export async function allowOtherGateways(fastify: FastifyInstance, gateways: KnownGateways): Promise<void> {
  const optionsFor: FastifyCorsOptionsDelegateCallback = (request, answer) => {
    const concerned = request.headers.origin !== undefined && request.raw.url?.startsWith('/v1/') === true;
    if (!concerned) return answer(null, FOR_NOBODY);
    gateways.seenFrom(request).then(
      (origin) => answer(null, { ...FOR_GATEWAYS, origin }),
      (error: unknown) => answer(error instanceof Error ? error : new Error(String(error))),
    );
  };
  await fastify.register(cors, () => optionsFor);
}
