import { join } from 'node:path';
import { z } from 'zod';
import { parseEndpoints, readConfig, secretSchema, type EndpointSource } from '#platform';
import { parsePublicOrigins, type PublicOrigins } from './pages/public-origins.js';

/** `dist/web`, as the build leaves it beside the apps. */
const BUILT_PAGES = join(import.meta.dirname, '..', '..', '..', 'web');

const endpoints = z.string().transform((spec, context): EndpointSource => {
  try {
    return parseEndpoints(spec);
  } catch (error) {
    context.addIssue({ code: 'custom', message: (error as Error).message });
    return z.NEVER;
  }
});

/** `account-a=<endpoints>,account-b=<endpoints>`: one entry for each account broker. */
const endpointsByBroker = z.string().transform((text, context): ReadonlyMap<string, EndpointSource> => {
  const brokers = new Map<string, EndpointSource>();
  for (const entry of text.split(',')) {
    const [, broker, spec] = /^\s*([a-z0-9-]{1,32})=(.+)$/.exec(entry) ?? [];
    if (broker === undefined || spec === undefined || brokers.has(broker)) {
      context.addIssue({ code: 'custom', message: 'must be broker=endpoints[,broker=endpoints], each broker once' });
      return z.NEVER;
    }
    const parsed = endpoints.safeParse(spec);
    if (!parsed.success) {
      context.addIssue({ code: 'custom', message: parsed.error.issues.map(({ message }) => message).join('; ') });
      return z.NEVER;
    }
    brokers.set(broker, parsed.data);
  }
  return brokers;
});

const origins = z.string().transform((spec, context): PublicOrigins => {
  try {
    return parsePublicOrigins(spec);
  } catch (error) {
    context.addIssue({ code: 'custom', message: (error as Error).message });
    return z.NEVER;
  }
});

const count = (fallback: number) => z.coerce.number().int().min(1).max(1_000_000).default(fallback);

const gatewaySchema = z.object({
  ATM_TERMINAL_ENDPOINTS: endpoints,
  ACCOUNT_ENDPOINTS: endpointsByBroker,
  /** All gateways, this one included; only for the operator's view of the cluster. */
  GATEWAY_ENDPOINTS: endpoints.optional(),
  /** All gateways as browsers reach them. */
  PUBLIC_GATEWAYS: origins.optional(),
  /** Folder of the built pages. */
  PAGES: z.string().default(BUILT_PAGES),
  /** Who looks after the processes of a cluster on one machine (tools/cluster/control.ts); only in the demo profile. */
  SUPERVISOR_URL: z.url({ protocol: /^http$/ }).optional(),
  SUPERVISOR_TOKEN: z.string().optional(),
  OPERATOR_TOKEN: secretSchema,
  /** Calls of one terminal, or of one address without a terminal key. */
  RATE_LIMIT_PER_SECOND: count(2_000),
  /** Refused keys and tokens of one address. */
  AUTH_FAILURES_PER_MINUTE: count(300),
});

/** Throws `ConfigurationError`. */
export function readGatewayConfig(environment?: Readonly<Record<string, string | undefined>>) {
  return readConfig(gatewaySchema, environment);
}

export type GatewayConfig = ReturnType<typeof readGatewayConfig>;

/** Injection token. */
export const GATEWAY_CONFIG = Symbol('cashpoint:gateway-config');
export const LOGGER = Symbol('cashpoint:logger');
