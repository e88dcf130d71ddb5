import type { BalanceBody, DepositReceipt, StatementBody, TransferReceipt, WithdrawalBody } from '#contracts';

/** One HTTP exchange of an operation, with all that the client tried at several gateways to get an answer. */
export interface Call {
  /** Milliseconds since the run began. */
  readonly beganAtMs: number;
  readonly endedAtMs: number;
  /** Null: nobody answered. */
  readonly status: number | null;
  readonly gateway: string;
  readonly servedBy: string;
  readonly replayed: boolean;
  /** Gateways that gave no answer before this one. */
  readonly retries: number;
}

/**
 * What came of an operation: `ok`, done as answered; `refused`, answered with a clear no that will not change; `unknown`, nobody knows
 * whether it had its effect, since a time-out is never a no.
 */
export type Outcome = 'ok' | 'refused' | 'unknown';

interface Common {
  readonly number: number;
  /** The virtual ATM that asked for it, from 1. */
  readonly atm: number;
  /** Account that it is about; null where no session could be opened. */
  readonly accountId: string | null;
  readonly invokedAtMs: number;
  readonly completedAtMs: number;
  readonly outcome: Outcome;
  /** In words, where the outcome is not `ok`. */
  readonly refusal: string | null;
  /** With the same Idempotency-Key each, in order. */
  readonly calls: readonly Call[];
}

/** `ask`: opening and closing sessions, selecting a withdrawal, and whatever else moves no money. */
export type Operation = Common &
  (
    | { readonly kind: 'ask'; readonly what: string }
    | { readonly kind: 'balance'; readonly balance: BalanceBody | null }
    | { readonly kind: 'statement'; readonly statement: StatementBody | null }
    | { readonly kind: 'withdrawal'; readonly amount: number; readonly withdrawal: WithdrawalBody | null }
    | { readonly kind: 'deposit'; readonly amount: number; readonly deposit: DepositReceipt | null }
    | {
        readonly kind: 'transfer';
        readonly amount: number;
        readonly toAccountId: string;
        readonly transfer: TransferReceipt | null;
      }
  );

export type OperationOf<Kind extends Operation['kind']> = Extract<Operation, { kind: Kind }>;

export const ofKind = <Kind extends Operation['kind']>(
  operations: readonly Operation[],
  kind: Kind,
): OperationOf<Kind>[] => operations.filter((one): one is OperationOf<Kind> => one.kind === kind);

/** Value of the notes that the customer has in hand, minor units. */
export const cashOf = (withdrawal: WithdrawalBody | null): number =>
  (withdrawal?.dispensed ?? []).reduce((sum, { denomination, count }) => sum + denomination * count, 0);
