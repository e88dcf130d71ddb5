import { hostname } from 'node:os';
import { parseDatabaseUrl } from '#database';
import { z } from 'zod';

/** Secrets of the demo profile: published, worthless, and refused by every other profile. */
const DEMO_SECRETS: Readonly<Record<string, string>> = {
  CLUSTER_KEY: 'demo-cluster-key',
  OPERATOR_TOKEN: 'demo-operator',
  TOKEN_KEY: 'demo-token-key',
  CARD_KEY: 'demo-card-key',
  PIN_KEY: 'demo-pin-key',
};

const SECRET_LENGTH_MIN = 24;

/** A secret: required, long, and none of the demo's, except in the demo profile. */
export const secretSchema = z.string().min(1);

/** Connection string of a database, with all of its servers where it is mirrored. */
export const databaseUrlSchema = z
  .string()
  .refine(
    (text) => parseDatabaseUrl(text) !== null,
    'must look like postgres://user:password@host:5432,host:5432/database',
  );

export const milliseconds = (fallback: number) => z.coerce.number().int().min(1).max(600_000).default(fallback);

const commonSchema = z.object({
  CASHPOINT_PROFILE: z.enum(['demo', 'production']).default('production'),
  REPLICA_NAME: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9.-]{0,62}$/)
    .default(hostname()),
  HOST: z.string().default('0.0.0.0'),
  PORT: z.coerce.number().int().min(0).max(65_535).default(3000),
  CLUSTER_KEY: secretSchema,
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'silent']).default('info'),
});

export type CommonConfig = z.infer<typeof commonSchema>;

/** The environment does not describe a process that may start; the message names every variable at fault. */
export class ConfigurationError extends Error {}

/**
 * Reads the environment once into a frozen, typed object. `schema` has the app's own variables. Throws
 * `ConfigurationError` naming what is missing or wrong; values are never repeated, since they may be secrets.
 */
export function readConfig<Shape extends z.ZodRawShape>(
  schema: z.ZodObject<Shape>,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): Readonly<CommonConfig & z.infer<z.ZodObject<Shape>>> {
  const demo = environment['CASHPOINT_PROFILE'] === 'demo';
  const given = Object.fromEntries(
    Object.entries(environment).filter(([, value]) => value !== undefined && value !== ''),
  );
  const result = commonSchema.extend(schema.shape).safeParse(demo ? { ...DEMO_SECRETS, ...given } : given);
  const faults = result.success ? [] : result.error.issues.map((issue) => faultOf(issue, given));
  if (!demo) faults.push(...weakSecrets(given, Object.keys(schema.shape)));
  if (!result.success || faults.length > 0) throw new ConfigurationError(`cannot start:\n  ${faults.join('\n  ')}`);
  return Object.freeze(result.data) as Readonly<CommonConfig & z.infer<z.ZodObject<Shape>>>;
}

function faultOf({ path, message }: z.core.$ZodIssue, given: Readonly<Record<string, unknown>>): string {
  const name = path.join('.');
  return `${name}: ${given[name] === undefined ? 'is missing' : message.replace(/, received .*/, '')}`;
}

function weakSecrets(given: Readonly<Record<string, string | undefined>>, names: readonly string[]): string[] {
  return Object.keys(DEMO_SECRETS)
    .filter((name) => name === 'CLUSTER_KEY' || names.includes(name))
    .filter((name) => given[name] !== undefined)
    .filter((name) => given[name] === DEMO_SECRETS[name] || String(given[name]).length < SECRET_LENGTH_MIN)
    .map((name) => `${name}: must be a secret of at least ${SECRET_LENGTH_MIN} characters outside the demo profile`);
}
