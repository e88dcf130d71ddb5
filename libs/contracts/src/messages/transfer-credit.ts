import { z } from 'zod';
import { currencySchema, minorUnitsSchema } from '../amounts.js';

/** From the broker that has debited a transfer to the one that has the paid account: credit it. */
export const transferCreditSchema = z.strictObject({
  transferId: z.uuid(),
  fromAccountId: z.string(),
  toAccountId: z.string(),
  amount: minorUnitsSchema,
  currency: currencySchema,
  rrn: z.string(),
  requestedAt: z.iso.datetime(),
});

/** It is credited (or was, before), or cannot be, and then the sender gives the money back. */
export const transferCreditAnswerSchema = z.discriminatedUnion('posted', [
  z.strictObject({ posted: z.literal(true), entryId: z.uuid() }),
  z.strictObject({ posted: z.literal(false), responseCode: z.string() }),
]);

export type TransferCredit = z.infer<typeof transferCreditSchema>;
export type TransferCreditAnswer = z.infer<typeof transferCreditAnswerSchema>;
