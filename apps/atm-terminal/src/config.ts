import { z } from 'zod';
import { placementSchema } from '#contracts';
import { databaseUrlSchema, milliseconds, readConfig, secretSchema } from '#platform';

/** An amount in minor units. */
const minorUnits = (fallback: number) => z.coerce.number().int().min(0).max(1_000_000_000_000).default(fallback);

const schema = z.object({
  DATABASE_URL: databaseUrlSchema,
  DATABASE_POOL_SIZE: z.coerce.number().int().min(2).max(100).default(8),
  /** Broker instance: the id of the database. */
  BROKER: z.string().min(1).max(63).default('terminal'),
  CHANNELS: z.string().min(1),
  /** Account brokers and their replicas: `account-a=http://host:port|http://host:port,account-b=…`. */
  ACCOUNT_ENDPOINTS: z.string().min(1),
  /** Which of them has which cards and accounts; needed where there is more than one. */
  PLACEMENT: placementSchema.optional(),
  /** Brokers of the service `journal`, which share the sessions' journals: `account-a,account-b`. None: journals stay with the terminals. */
  JOURNAL_BROKERS: z
    .string()
    .default('')
    .transform((text) => text.split(',').filter((broker) => broker !== '')),
  /** How long after its end a session's journal may still grow; longer than a balance request takes. */
  JOURNAL_END_AFTER_MS: milliseconds(10_000),
  /** Key of session tokens and derived ids; the same in every replica. */
  TOKEN_KEY: secretSchema,
  SESSION_MINUTES: z.coerce.number().int().min(10).max(240).default(15),
  /** Age at which a withdrawal counts as left by its replica; far above the time that a live one needs. */
  RECOVERY_AFTER_MS: milliseconds(10_000),
  STAND_IN_CARD_MAX: minorUnits(50_000),
  STAND_IN_TERMINAL_MAX: minorUnits(1_000_000),
  STAND_IN_GLOBAL_MAX: minorUnits(5_000_000),
});

export type Config = ReturnType<typeof readTerminalConfig>;

/** Injection token of the configuration. */
export const CONFIG = Symbol('atm-terminal:config');

/** Throws `ConfigurationError`. */
export function readTerminalConfig(environment: Readonly<Record<string, string | undefined>> = process.env) {
  return readConfig(schema, environment);
}
