import { z } from 'zod';

/** Most that one request may move, 10,000,000.00: far above any dispenser, far below where a JSON number loses digits. */
export const AMOUNT_MAX = 1_000_000_000;

/** An amount of the HTTP contract: a positive JSON integer in minor units (`20000` is 200.00). */
export const amountSchema = z
  .int('must be a whole number of minor units (20000 is 200.00)')
  .positive('must be greater than zero')
  .max(AMOUNT_MAX, `must be at most ${AMOUNT_MAX}`);

/** An amount between the services: decimal string of minor units, so that no JSON number ever rounds it. */
export const minorUnitsSchema = z.string().regex(/^-?\d{1,18}$/, 'must be a decimal string of minor units');

export const notesSchema = z
  .array(z.strictObject({ denomination: z.int().positive(), count: z.int().min(1).max(500) }))
  .min(1)
  .max(20);

export const currencySchema = z.string().regex(/^[A-Z]{3}$/, 'must be an ISO 4217 code');
