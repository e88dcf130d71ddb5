import { z } from 'zod';

const instant = z.iso.datetime().describe('UTC, ISO 8601');
const minor = z.int().describe('minor units');
const notes = z.array(z.object({ denomination: z.int(), count: z.int() }));

export const sessionSchema = z.object({
  sessionId: z.uuid(),
  token: z.string(),
  expiresAt: instant,
  card: z.object({ maskedNumber: z.string() }),
  account: z.object({ accountId: z.string(), currency: z.string() }),
});

export const balanceSchema = z.object({
  accountId: z.string(),
  ledger: minor,
  held: minor,
  available: minor,
  currency: z.string(),
  asOf: instant,
  source: z.enum(['host', 'cache']),
});

export const WITHDRAWAL_STATES = [
  'awaiting-amount',
  'authorising',
  'dispensing',
  'dispensed',
  'settled',
  'declined',
  'reversing',
  'reversed',
  'suspense',
] as const;

export const withdrawalSchema = z.object({
  withdrawalId: z.uuid(),
  sessionId: z.uuid(),
  terminalId: z.string(),
  state: z.enum(WITHDRAWAL_STATES),
  amount: minor.nullable(),
  currency: z.string(),
  authorisation: z.enum(['host', 'stand-in']).nullable(),
  dispensed: notes,
  responseCode: z.string().nullable(),
  stan: z.string(),
  rrn: z.string(),
  createdAt: instant,
  dispensedAt: instant.nullable(),
  settledAt: instant.nullable(),
});

/** What a terminal can give at the moment. Counts are capped at what one presentation can have, so that nobody learns how full it is. */
export const reachableNotesSchema = z.object({
  terminalId: z.string(),
  currency: z.string(),
  notes,
});

/** Those that moved last, of all terminals, newest first. */
export const operatorWithdrawalsSchema = z.object({
  withdrawals: z.array(withdrawalSchema.extend({ accountId: z.string() })),
});

export const depositReceiptSchema = z.object({
  depositId: z.uuid(),
  sessionId: z.uuid(),
  accountId: z.string(),
  amount: minor,
  currency: z.string(),
  notes,
  state: z.enum(['accepted', 'settled']),
  stan: z.string(),
  rrn: z.string(),
  createdAt: instant,
  settledAt: instant.nullable(),
});

export const transferReceiptSchema = z.object({
  transferId: z.uuid(),
  fromAccountId: z.string(),
  toAccountId: z.string(),
  amount: minor,
  currency: z.string(),
  state: z.enum(['posted', 'declined']),
  responseCode: z.string(),
  rrn: z.string(),
  createdAt: instant,
});

const statementEntry = z.object({
  entryId: z.uuid(),
  at: instant,
  kind: z.enum(['opening', 'withdrawal', 'deposit', 'transfer']),
  amount: minor.describe('minor units; negative where it lowers the balance'),
  balance: minor.describe('ledger balance after this entry'),
  rrn: z.string().nullable(),
});

export const statementSchema = z.object({ entries: z.array(statementEntry) });

const member = z.object({
  name: z.string(),
  kind: z.string(),
  role: z.string(),
  state: z.enum(['up', 'down', 'draining', 'unknown']),
  pid: z.int().nullable(),
  version: z.string().nullable(),
  load: z.record(z.string(), z.number()),
});

export const clusterSchema = z.object({
  gateways: z.array(member),
  replicas: z.array(member.extend({ broker: z.string() })),
  brokers: z.array(
    z.object({
      name: z.string(),
      services: z.array(z.string()),
      replicas: z.int(),
      role: z.string(),
      state: z.string(),
    }),
  ),
  channels: z.array(member),
  databases: z.array(member),
});

export const auditCheckSchema = z.object({
  name: z.string(),
  ok: z.boolean(),
  expected: z.union([z.string(), z.number()]),
  observed: z.union([z.string(), z.number()]),
});

export const auditSchema = z.object({
  balanced: z.boolean(),
  inFlight: z.int().describe('withdrawals and messages whose outcome is still on its way'),
  checks: z.array(auditCheckSchema),
});

export const terminalSchema = z.object({
  terminalId: z.string(),
  businessDate: z.iso.date(),
  currency: z.string(),
  cassettes: z.array(z.object({ denomination: z.int(), capacity: z.int(), loaded: z.int(), remaining: z.int() })),
  totals: z.object({
    loaded: minor,
    remaining: minor,
    taken: minor,
    rejected: minor,
    retracted: minor,
    suspense: minor,
    deposited: minor,
  }),
  openCases: z.int().describe('dispenses whose outcome is unknown and waits for a count'),
});

export const operatorAccountSchema = z.object({
  accountId: z.string(),
  broker: z.string(),
  currency: z.string(),
  status: z.string(),
  ledger: minor,
  held: minor,
  available: minor,
  entries: z.array(statementEntry),
});

export type SessionBody = z.infer<typeof sessionSchema>;
export type BalanceBody = z.infer<typeof balanceSchema>;
export type WithdrawalState = (typeof WITHDRAWAL_STATES)[number];
export type WithdrawalBody = z.infer<typeof withdrawalSchema>;
export type ReachableNotes = z.infer<typeof reachableNotesSchema>;
export type OperatorWithdrawals = z.infer<typeof operatorWithdrawalsSchema>;
export type DepositReceipt = z.infer<typeof depositReceiptSchema>;
export type TransferReceipt = z.infer<typeof transferReceiptSchema>;
export type StatementEntry = z.infer<typeof statementEntry>;
export type StatementBody = z.infer<typeof statementSchema>;
export type ClusterMember = z.infer<typeof member>;
export type ClusterBody = z.infer<typeof clusterSchema>;
export type AuditCheck = z.infer<typeof auditCheckSchema>;
export type AuditBody = z.infer<typeof auditSchema>;
export type TerminalBody = z.infer<typeof terminalSchema>;
export type OperatorAccountBody = z.infer<typeof operatorAccountSchema>;
