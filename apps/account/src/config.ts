import { z } from 'zod';
import { placementSchema } from '#contracts';
import { databaseUrlSchema, readConfig, secretSchema } from '#platform';

const schema = z.object({
  DATABASE_URL: databaseUrlSchema,
  DATABASE_POOL_SIZE: z.coerce.number().int().min(4).max(200).default(16),
  /** This broker instance: the one deployment of the service that owns the database. */
  BROKER: z
    .string()
    .regex(/^[a-z][a-z0-9-]{0,31}$/)
    .default('account-a'),
  /** Which broker has which cards and accounts; not given: this one has all. Only demo data are made by it. */
  PLACEMENT: placementSchema.optional(),
  CHANNELS: z.string().min(1),
  CARD_KEY: secretSchema,
  PIN_KEY: secretSchema,
});

/** Injection token of the configuration. */
export const ACCOUNT_CONFIG = Symbol('cashpoint:account-config');

export type AccountConfig = ReturnType<typeof readAccountConfig>;

/** The environment of the account service (apps/account/README.md). Throws `ConfigurationError`. */
export const readAccountConfig = (environment?: Readonly<Record<string, string | undefined>>) =>
  readConfig(schema, environment);
