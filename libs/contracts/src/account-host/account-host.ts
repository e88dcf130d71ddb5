import { z } from 'zod';
import { currencySchema, minorUnitsSchema } from '../amounts.js';

/**
 * The synchronous interface of the account service, called by atm-terminal replicas (and by gateways for operators)
 * under `/internal` with the cluster key. Amounts are decimal strings of minor units; instants are ISO 8601, UTC.
 */
export const balancesSchema = z.object({
  accountId: z.string(),
  ledger: minorUnitsSchema,
  held: minorUnitsSchema,
  available: minorUnitsSchema,
  currency: currencySchema,
  asOf: z.iso.datetime(),
});

/** `POST /internal/pin-verifications`. Idempotent by `attemptId`: a repeat consumes no further try and compares no PIN. */
export const pinVerificationSchema = z.strictObject({
  attemptId: z.uuid(),
  cardNumber: z.string(),
  pin: z.string(),
  terminalId: z.string(),
});

/** Always 200: a wrong PIN is an answer, not a fault. `cardToken` stands for the card number everywhere after this. */
export const pinVerificationResultSchema = z.discriminatedUnion('outcome', [
  z.object({
    outcome: z.literal('verified'),
    cardToken: z.string(),
    maskedNumber: z.string(),
    balances: balancesSchema,
  }),
  z.object({ outcome: z.literal('wrong-pin'), triesLeft: z.int() }),
  z.object({ outcome: z.literal('card-blocked') }),
  /** An unknown card answers like a wrong PIN at the public face, so that cards cannot be probed. */
  z.object({ outcome: z.literal('unknown-card') }),
]);

/** Idempotent by `withdrawalId`; places a hold where approved. */
export const authorisationSchema = z.strictObject({
  withdrawalId: z.uuid(),
  accountId: z.string(),
  cardToken: z.string(),
  terminalId: z.string(),
  amount: minorUnitsSchema,
  stan: z.string(),
  rrn: z.string(),
  /** When the terminal's database first knew the withdrawal: the clock that audits compare by. */
  requestedAt: z.iso.datetime(),
});

export const authorisationResultSchema = z.object({
  approved: z.boolean(),
  responseCode: z.string(),
  balances: balancesSchema,
});

/** Most authorisations in one call. */
export const AUTHORISATIONS_MAX = 128;

/** `POST /internal/authorisations`: what a terminal replica wants authorised at one moment, each for itself. */
export const authorisationsSchema = z.strictObject({
  authorisations: z
    .array(
      z.strictObject({
        authorisation: authorisationSchema,
        /** W3C trace context of the request that it is for; the call itself is shared. */
        traceparent: z.string().optional(),
      }),
    )
    .min(1)
    .max(AUTHORISATIONS_MAX),
});

/** In the order of the request; null where nothing can be said of one. */
export const authorisationResultsSchema = z.object({ results: z.array(authorisationResultSchema.nullable()) });

/**
 * `POST /internal/transfers`, at the broker of the paying account. Idempotent by `transferId`. 404 where the target account should be
 * at this broker, too, and does not exist.
 */
export const hostTransferSchema = z.strictObject({
  transferId: z.uuid(),
  fromAccountId: z.string(),
  toAccountId: z.string(),
  /** Broker instance of the target account. */
  toBroker: z.string(),
  amount: minorUnitsSchema,
  rrn: z.string(),
  requestedAt: z.iso.datetime(),
});

export const hostTransferResultSchema = z.object({
  posted: z.boolean(),
  responseCode: z.string(),
  balances: balancesSchema,
});

export const hostStatementEntrySchema = z.object({
  entryId: z.uuid(),
  at: z.iso.datetime(),
  kind: z.enum(['opening', 'withdrawal', 'deposit', 'transfer']),
  amount: minorUnitsSchema,
  balance: minorUnitsSchema,
  rrn: z.string().nullable(),
});

/** `GET /internal/accounts/{accountId}/statement?limit=`; `GET /internal/accounts/{accountId}/balances` answers `balancesSchema`. */
export const hostStatementSchema = z.object({ entries: z.array(hostStatementEntrySchema) });

/**
 * `POST /internal/audit`: the account side of the audit. What happened after `asOf` (by `requestedAt`) and the withdrawals,
 * deposits and transfers in `inFlight` are left out of the digests, so that both sides speak of the same set.
 */
export const hostAuditRequestSchema = z.strictObject({
  asOf: z.iso.datetime(),
  inFlight: z.array(z.uuid()).max(200_000),
});

/** `GET /internal/transfers-in-flight`: transfers that this broker has debited and the other one has not yet answered. */
export const transfersInFlightSchema = z.array(z.uuid());

/** Order-independent digest of a set of (id, amount): equal sets have equal digests, whatever the database. */
export const digestSchema = z.object({ count: z.int(), amount: minorUnitsSchema, hash: z.string() });

export const cashTotalsSchema = z.object({
  terminalId: z.string(),
  /** Ledger credits to the terminal's ATM cash: everything that left the cassettes. */
  atmCash: minorUnitsSchema,
  /** Of these: debited to customers, moved to the reject and retract bins, standing in suspense. */
  taken: minorUnitsSchema,
  /** Of what was taken: what the host had not approved beforehand. */
  unauthorised: minorUnitsSchema,
  bins: minorUnitsSchema,
  suspense: minorUnitsSchema,
  deposited: minorUnitsSchema,
});

/** Transfers (id, amount) between this broker and another one: what went out to it and was not refunded, and what came in from it. */
export const transfersWithSchema = z.object({ broker: z.string(), out: digestSchema, in: digestSchema });

export const hostAuditSchema = z.object({
  /** Invariants that the account database can judge alone. */
  checks: z.array(
    z.object({
      name: z.string(),
      ok: z.boolean(),
      expected: z.union([z.string(), z.number()]),
      observed: z.union([z.string(), z.number()]),
    }),
  ),
  /** Posted withdrawals (id, amount taken) and deposits (id, amount), to be compared with the terminals' own record. */
  withdrawals: digestSchema,
  deposits: digestSchema,
  cash: z.array(cashTotalsSchema),
  /** From the lines of `transfer-clearing`, to be compared broker by broker. */
  transfers: z.array(transfersWithSchema),
  /** Open holds whose withdrawal is not in `inFlight` and is older than `asOf`. */
  strayHolds: z.int(),
  /** Given up, and waiting for an operator. */
  parkedMessages: z.int(),
});

/** `GET /internal/money`: sums over the whole broker instance, from totals that are maintained. */
export const hostMoneySchema = z.object({
  /** Of all ledger lines: 0. */
  ledger: minorUnitsSchema,
  customers: minorUnitsSchema,
  held: minorUnitsSchema,
});

export type HostMoney = z.infer<typeof hostMoneySchema>;
export type Balances = z.infer<typeof balancesSchema>;
export type PinVerification = z.infer<typeof pinVerificationSchema>;
export type PinVerificationResult = z.infer<typeof pinVerificationResultSchema>;
export type AuthorisationResults = z.infer<typeof authorisationResultsSchema>;
export type Authorisation = z.infer<typeof authorisationSchema>;
export type AuthorisationResult = z.infer<typeof authorisationResultSchema>;
export type HostTransfer = z.infer<typeof hostTransferSchema>;
export type HostTransferResult = z.infer<typeof hostTransferResultSchema>;
export type HostStatement = z.infer<typeof hostStatementSchema>;
export type HostAuditRequest = z.infer<typeof hostAuditRequestSchema>;
export type HostAudit = z.infer<typeof hostAuditSchema>;
export type Digest = z.infer<typeof digestSchema>;
