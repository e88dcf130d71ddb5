import { z } from 'zod';
import { minorUnitsSchema } from '../amounts.js';
import { digestSchema } from '../account-host/account-host.js';
import { auditCheckSchema } from '../http/responses.js';

/**
 * The internal interface of the atm-terminal service, called by gateways under `/internal` with the cluster key. Amounts are
 * decimal strings of minor units; instants are ISO 8601, UTC.
 */

/** `GET /internal/terminals`: who may call themselves a terminal. `keyHash` is SHA-256 of the terminal's key, in hex. */
export const terminalRegistrySchema = z.array(
  z.object({ terminalId: z.string(), keyHash: z.string().regex(/^[0-9a-f]{64}$/) }),
);

/** What a terminal's own record says of its cash, to be compared with `cashTotalsSchema` of the account hosts. */
export const terminalCashSchema = z.object({
  terminalId: z.string(),
  /** Everything that was ever put into the cassettes, and what is in them now. */
  loaded: minorUnitsSchema,
  remaining: minorUnitsSchema,
  /**
   * Where notes went by withdrawals that are neither in `inFlight` nor younger than `asOf`; the sum of the four is what the ledger has
   * credited to the terminal's ATM cash.
   */
  taken: minorUnitsSchema,
  /** Of what was taken: what stand-in approved. */
  stoodIn: minorUnitsSchema,
  rejected: minorUnitsSchema,
  retracted: minorUnitsSchema,
  suspense: minorUnitsSchema,
  /** Deposits that are neither in `inFlight` nor younger than `asOf`. */
  deposited: minorUnitsSchema,
});

/** `GET /internal/audit`: the terminals' side of the audit, one consistent reading. */
export const terminalAuditSchema = z.object({
  /** Everything that was requested up to here is in this reading or does not exist. Clock of the terminal database. */
  asOf: z.iso.datetime(),
  /** Withdrawals and deposits that have no final answer yet, or are younger than `asOf`; both sides leave them out of digests and cash. */
  inFlight: z.array(z.uuid()),
  /** Transfers of which the terminals do not know what became; hosts leave them out of what they compare with each other. */
  undecidedTransfers: z.array(z.uuid()),
  /** Withdrawals with notes taken (id, amount taken) and deposits (id, amount); formula in `digest.ts`. */
  withdrawals: digestSchema,
  deposits: digestSchema,
  cash: z.array(terminalCashSchema),
  /** Invariants that the terminal database can judge alone. */
  checks: z.array(auditCheckSchema),
});

/** `GET /internal/money`: sums over all terminals. */
export const terminalMoneySchema = z.object({
  /** Notes in the cassettes. */
  cash: minorUnitsSchema,
  /** Open cases: nobody knows whether these notes were taken. */
  suspense: minorUnitsSchema,
  /** Taken or put in, and not answered by the host yet. */
  inFlight: minorUnitsSchema,
});

export type TerminalMoney = z.infer<typeof terminalMoneySchema>;
export type TerminalRegistry = z.infer<typeof terminalRegistrySchema>;
export type TerminalCash = z.infer<typeof terminalCashSchema>;
export type TerminalAudit = z.infer<typeof terminalAuditSchema>;
