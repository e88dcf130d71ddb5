import { z } from 'zod';
import { amountSchema, notesSchema } from '../amounts.js';

export const openSessionSchema = z.strictObject({
  cardNumber: z.string().regex(/^\d{12,19}$/, 'must be 12 to 19 digits'),
  pin: z.string().regex(/^\d{4,12}$/, 'must be 4 to 12 digits'),
});

/** With an amount both steps happen at once; without, the balance is asked for while the customer types. */
export const selectWithdrawalSchema = z.strictObject({ amount: amountSchema.optional() });

export const enterAmountSchema = z.strictObject({ amount: amountSchema });

export const depositSchema = z.strictObject({ notes: notesSchema });

export const transferSchema = z.strictObject({
  toAccountId: z.string().regex(/^[A-Z0-9-]{1,34}$/, 'must be an account number such as ACC-0002'),
  amount: amountSchema,
});

export const statementQuerySchema = z.strictObject({ limit: z.coerce.number().int().min(1).max(100).default(20) });

/** Without notes every cassette is filled up to its capacity; with notes, those are added. */
export const replenishSchema = z.strictObject({
  notes: z
    .array(z.strictObject({ denomination: z.int().positive(), count: z.int().min(1).max(100_000) }))
    .min(1)
    .max(20)
    .optional(),
});

export const armFaultSchema = z.strictObject({
  replica: z.string().min(1).max(64),
  point: z.string().min(1).max(64),
  action: z.string().regex(/^(kill|error|delay:\d{1,5}|spin:\d{1,5}|exhaust|part|none|unknown|retract)$/),
  /** How often it happens from now on; 0 disarms the point. */
  times: z.int().min(0).max(1000).default(1),
});

export const withdrawalsQuerySchema = z.strictObject({ limit: z.coerce.number().int().min(1).max(100).default(20) });

/** How many replicas an app (`account`) or one of its broker instances (`account-a`) should have. */
export const scaleSchema = z.strictObject({
  what: z.string().regex(/^[a-z][a-z-]{0,31}$/, 'must be an app or a broker instance such as account'),
  count: z.int().min(1).max(32),
});

export type WithdrawalsQuery = z.infer<typeof withdrawalsQuerySchema>;
export type Scale = z.infer<typeof scaleSchema>;
export type OpenSession = z.infer<typeof openSessionSchema>;
export type SelectWithdrawal = z.infer<typeof selectWithdrawalSchema>;
export type EnterAmount = z.infer<typeof enterAmountSchema>;
export type Deposit = z.infer<typeof depositSchema>;
export type Transfer = z.infer<typeof transferSchema>;
export type StatementQuery = z.infer<typeof statementQuerySchema>;
export type Replenish = z.infer<typeof replenishSchema>;
export type ArmFault = z.infer<typeof armFaultSchema>;
