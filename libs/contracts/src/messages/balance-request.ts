import { z } from 'zod';

/** Express request of article "Reliability in Connected Systems", figure 1; the answer is `balancesSchema`. */
export const balanceRequestSchema = z.strictObject({ accountId: z.string() });

export type BalanceRequest = z.infer<typeof balanceRequestSchema>;
