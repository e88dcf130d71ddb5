import type { WithdrawalBody, WithdrawalState } from '#contracts';
import { toNumber, type MinorUnits, type Notes } from '#money';

/** A withdrawal as the terminal database has it, with what its session says of the card and the account. */
export interface Withdrawal {
  readonly withdrawalId: string;
  readonly sessionId: string;
  readonly terminalId: string;
  readonly accountId: string;
  readonly cardToken: string;
  /** Broker instance of the account. */
  readonly broker: string;
  readonly currency: string;
  readonly state: WithdrawalState;
  /** Whether it has a row. Without one it is a request, which the database may refuse. */
  readonly stored: boolean;
  readonly amount: MinorUnits | null;
  readonly authorisation: 'host' | 'stand-in' | null;
  readonly responseCode: string | null;
  /** What the dispenser is commanded to give, once that is allowed; null while there is no amount. */
  readonly noteMix: readonly Notes[] | null;
  /** What the customer took. */
  readonly dispensed: readonly Notes[];
  /** Where the money is: with the customer, in the reject and retract bins, or unknown. */
  readonly taken: MinorUnits;
  readonly rejected: MinorUnits;
  readonly retracted: MinorUnits;
  readonly suspense: MinorUnits;
  readonly stan: string;
  readonly rrn: string;
  /** By the database's clock, whole milliseconds: the same instant goes into the authorisation and into the advice. */
  readonly createdAt: Date;
  readonly dispensedAt: Date | null;
  readonly settledAt: Date | null;
  /** Keyed hash of the request that made it, which its repeats must have; null where the client gave no key, or selected without an amount. */
  readonly fingerprint: string | null;
}

/** What the request that took it was answered, then and for ever: before the host's answer, which comes later. */
export function withdrawalAnswer(withdrawal: Withdrawal): WithdrawalBody {
  return withdrawalBody({ ...withdrawal, state: BEFORE_ANSWER[withdrawal.state] ?? withdrawal.state, settledAt: null });
}

const BEFORE_ANSWER: Readonly<Partial<Record<WithdrawalState, WithdrawalState>>> = {
  settled: 'dispensed',
  reversed: 'reversing',
};

/** As the HTTP contract shows it. */
export function withdrawalBody(withdrawal: Withdrawal): WithdrawalBody {
  const { withdrawalId, sessionId, terminalId, state, amount, currency, authorisation, dispensed } = withdrawal;
  return {
    withdrawalId,
    sessionId,
    terminalId,
    state,
    amount: amount === null ? null : toNumber(amount),
    currency,
    authorisation,
    dispensed: dispensed.map(({ denomination, count }) => ({ denomination, count })),
    responseCode: withdrawal.responseCode,
    stan: withdrawal.stan,
    rrn: withdrawal.rrn,
    createdAt: withdrawal.createdAt.toISOString(),
    dispensedAt: withdrawal.dispensedAt?.toISOString() ?? null,
    settledAt: withdrawal.settledAt?.toISOString() ?? null,
  };
}
