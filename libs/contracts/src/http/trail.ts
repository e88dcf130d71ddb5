import { z } from 'zod';
import { withdrawalSchema } from './responses.js';

/**
 * What can stand in a withdrawal's trail. `fact`s were committed in a database and stay; sightings are what replicas still remember of its
 * messages (each its latest few thousand), and die with them.
 */
export const TRAIL_STEPS = [
  /** Facts of the terminal. */
  'selected',
  'balance-unknown',
  'intended',
  'declined',
  'dispensed',
  'outcome',
  'settled',
  /** Facts of the account. */
  'authorised',
  'posted',
  /** Sightings of the balance request, at its source and (`balance-served`) at its target. */
  'balance-asked',
  'balance-asked-again',
  'balance-served',
  'balance-heard',
  'balance-late',
  /** Sightings of the advice, at its source and at its target. */
  'sent',
  'sent-again',
  'applied',
  'repeated',
  'answered',
  'answered-late',
] as const;

export const trailStepSchema = z.object({
  at: z.iso.datetime().describe('UTC, ISO 8601; clocks of different machines may differ'),
  kind: z.enum(TRAIL_STEPS),
  replica: z.string().nullable().describe('which replica did it, where that is known'),
  mti: z.string().nullable().describe('ISO 8583 message type'),
  detail: z.string().nullable().describe('response code, cause or attempt'),
});

/** A withdrawal from card to settlement, across all replicas. At most 64 steps, oldest first. */
export const trailSchema = z.object({
  withdrawal: withdrawalSchema,
  accountId: z.string(),
  broker: z.string().describe('broker instance that has the account'),
  steps: z.array(trailStepSchema).max(64),
  message: z
    .object({
      messageId: z.guid(),
      type: z.string(),
      mti: z.string(),
      state: z.enum(['queued', 'parked', 'dead', 'answered']),
      attempts: z.int().nullable().describe('sendings so far, where that is still known'),
      nextAttemptAt: z.iso.datetime().nullable(),
    })
    .nullable()
    .describe('the advice that tells the host how it ended'),
  unheard: z.array(z.string()).describe('replicas that did not say what they know'),
});

export type TrailStepKind = (typeof TRAIL_STEPS)[number];
export type TrailStep = z.infer<typeof trailStepSchema>;
export type TrailBody = z.infer<typeof trailSchema>;

/** `GET /internal/withdrawals/{id}/trail` of the atm-terminal service: the terminal's facts. */
export const terminalTrailSchema = z.object({
  withdrawal: withdrawalSchema,
  accountId: z.string(),
  broker: z.string(),
  /** Message id of the balance request, which was sent where the withdrawal was selected before its amount was known. */
  balanceRequestId: z.guid(),
  /** The advice of how it ended, once it has. */
  message: z.object({ messageId: z.guid(), type: z.string() }).nullable(),
  steps: z.array(trailStepSchema),
});

/** `GET /internal/withdrawals/{id}/trail` of the account service: what the host has committed about it. */
export const hostTrailSchema = z.object({ steps: z.array(trailStepSchema) });

/** `GET /internal/messaging/messages/{id}` of every replica: what its broker instance keeps of a message, and what it has itself seen of it. */
export const messageTrailSchema = z.object({
  waiting: z
    .object({
      state: z.enum(['queued', 'parked', 'dead']),
      type: z.string(),
      attempts: z.int(),
      nextAttemptAt: z.iso.datetime().nullable(),
    })
    .nullable(),
  sightings: z.array(
    z.object({
      at: z.iso.datetime(),
      kind: z.enum(['sent', 'sent-again', 'applied', 'repeated', 'served', 'answered', 'answered-late']),
      attempt: z.int().nullable(),
    }),
  ),
});

export type TerminalTrail = z.infer<typeof terminalTrailSchema>;
export type HostTrail = z.infer<typeof hostTrailSchema>;
export type MessageTrail = z.infer<typeof messageTrailSchema>;
