import { existsSync } from 'node:fs';
import { join } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import helmet from 'helmet';
import type { Logger } from 'pino';
import type { KnownGateways } from './known-gateways.js';

const PAGES = ['atm', 'console'] as const;

/** Routes of the pages and what they are made of; open to everybody, as there is nothing in them that is not in the repository. */
export const PAGE_ROUTES = /^\/(assets\/\*|(atm|console)\/?)?$/;

/** Serves the built pages: each at its name, `/` leads to the first. What they are made of has names that change with the content. */
export async function servePages(
  fastify: FastifyInstance,
  folder: string,
  gateways: KnownGateways,
  logger: Logger,
): Promise<void> {
  if (!existsSync(join(folder, 'assets'))) {
    logger.warn({ folder }, 'the pages are not built: /atm and /console are not served');
    return;
  }
  await fastify.register(fastifyStatic, {
    root: join(folder, 'assets'),
    prefix: '/assets/',
    index: false,
    preCompressed: true,
    immutable: true,
    maxAge: '365d',
  });
  for (const page of PAGES) {
    const send = async (request: FastifyRequest, reply: FastifyReply) => {
      allowNothingElse(reply, await gateways.seenFrom(request));
      // Asked again each time, answered 304 as a rule: the page names the assets of one build.
      return reply.header('cache-control', 'no-cache').sendFile(`${page}/index.html`, folder, { cacheControl: false });
    };
    fastify.get(`/${page}`, send);
    fastify.get(`/${page}/`, (_request, reply) => reply.redirect(`/${page}`, 308));
  }
  fastify.get('/', (_request, reply) => reply.redirect(`/${PAGES[0]}`));
}

/** Nothing but what the gateways serve: no inline script or style, no other host, no frame. */
function allowNothingElse({ raw }: FastifyReply, gateways: readonly string[]): void {
  const policy = helmet.contentSecurityPolicy({
    useDefaults: false,
    directives: {
      defaultSrc: ["'none'"],
      scriptSrc: ["'self'"],
      styleSrc: ["'self'"],
      imgSrc: ["'self'"],
      connectSrc: ["'self'", ...gateways],
      baseUri: ["'none'"],
      formAction: ["'none'"],
      frameAncestors: ["'none'"],
    },
  });
  policy(raw.req, raw, () => undefined);
}
