import { z } from 'zod';
import { minorUnitsSchema } from '../amounts.js';
import { balancesSchema } from '../account-host/account-host.js';

/** Names of the services (message endpoints). */
export const SERVICE = { account: 'account', atm: 'atm', journal: 'journal' } as const;

/** Message types of the account and journal services. */
export const MESSAGE = {
  completionAdvice: 'completion-advice',
  reversalAdvice: 'reversal-advice',
  suspenseAdvice: 'suspense-advice',
  depositAdvice: 'deposit-advice',
  balanceRequest: 'balance-request',
  transferCredit: 'transfer-credit',
  journalRecords: 'journal-records',
} as const;

const adviceHead = {
  withdrawalId: z.uuid(),
  accountId: z.string(),
  cardToken: z.string(),
  terminalId: z.string(),
  stan: z.string(),
  rrn: z.string(),
  /** When the terminal's database first knew the withdrawal. */
  requestedAt: z.iso.datetime(),
  /** When the outcome was known. */
  at: z.iso.datetime(),
};

/** Where the notes that left the cassettes went; zero where nothing did. */
const cash = { rejected: minorUnitsSchema, retracted: minorUnitsSchema };

/** ISO 8583 0220: the customer has taken `taken` (all, or a part of what was authorised). A fact; never declined. */
export const completionAdviceSchema = z.strictObject({
  ...adviceHead,
  ...cash,
  taken: minorUnitsSchema,
  authorisation: z.enum(['host', 'stand-in']),
});

/** ISO 8583 0420: the customer has nothing. Releases the hold, or makes the host refuse an authorisation that comes later. */
export const reversalAdviceSchema = z.strictObject({ ...adviceHead, ...cash, reason: z.string() });

/** The dispenser cannot say whether `amount` was taken: it goes to suspense, the hold stays, a case is open. */
export const suspenseAdviceSchema = z.strictObject({
  ...adviceHead,
  amount: minorUnitsSchema,
  authorisation: z.enum(['host', 'stand-in']),
});

/** Notes are in the machine. A fact; never declined. */
export const depositAdviceSchema = z.strictObject({
  depositId: z.uuid(),
  accountId: z.string(),
  terminalId: z.string(),
  amount: minorUnitsSchema,
  stan: z.string(),
  rrn: z.string(),
  requestedAt: z.iso.datetime(),
  at: z.iso.datetime(),
});

/** Answer to every advice: it is posted (or was, before), and these are the balances after it. */
export const adviceAnswerSchema = z.strictObject({ entryId: z.uuid().nullable(), balances: balancesSchema });

export type CompletionAdvice = z.infer<typeof completionAdviceSchema>;
export type ReversalAdvice = z.infer<typeof reversalAdviceSchema>;
export type SuspenseAdvice = z.infer<typeof suspenseAdviceSchema>;
export type DepositAdvice = z.infer<typeof depositAdviceSchema>;
export type AdviceAnswer = z.infer<typeof adviceAnswerSchema>;
