import type { DepositReceipt, ProblemBody, TransferReceipt, WithdrawalBody } from '#contracts';
import type { Notes } from '#money';
import { worthOf } from './amounts.js';

/** The three facts that every ending states, whatever happened: cash given, account charged, reference. Amounts are minor units. */
export interface Facts {
  readonly cash:
    { readonly kind: 'given' | 'taken-in'; readonly amount: number } | { readonly kind: 'none' | 'unknown' };
  readonly account:
    /** `reserved`: held, and booked as soon as the advice has arrived. */
    | { readonly kind: 'charged' | 'reserved' | 'credited' | 'to-be-credited' | 'held'; readonly amount: number }
    | { readonly kind: 'not-charged' | 'released' | 'unknown' };
  /** RRN, or the id of a request that was refused; null where nothing reached the bank. */
  readonly reference: string | null;
}

export type EndingKind =
  | 'paid'
  | 'paid-in-part'
  | 'declined'
  | 'nothing-dispensed'
  | 'suspense'
  | 'unclear'
  | 'unavailable'
  | 'no-gateway'
  | 'expired'
  | 'terminal-unknown'
  | 'card-blocked'
  | 'refused'
  | 'deposited'
  | 'transferred'
  | 'transfer-declined'
  | 'goodbye'
  | 'left';

export interface Ending {
  readonly kind: EndingKind;
  readonly facts: Facts;
  /** ISO 8583 field 39, where the bank has given one. */
  readonly responseCode: string | null;
  /** Notes in the cash slot. */
  readonly notes: readonly Notes[];
  /** The sentence of a refusal that has no ending of its own. */
  readonly detail: string | null;
}

/** After these there is nothing more to be had with this card. */
const LAST_ENDINGS: ReadonlySet<EndingKind> = new Set([
  'expired',
  'terminal-unknown',
  'card-blocked',
  'no-gateway',
  'unclear',
  'suspense',
]);

/** Whether the card comes out next, instead of the menu. */
export const endsTheVisit = ({ kind }: Ending): boolean => LAST_ENDINGS.has(kind);

const NOTHING: Facts = { cash: { kind: 'none' }, account: { kind: 'not-charged' }, reference: null };

/** An ending in which no money moved. */
export function withoutMoney(kind: EndingKind, reference: string | null = null, detail: string | null = null): Ending {
  return { kind, facts: { ...NOTHING, reference }, responseCode: null, notes: [], detail };
}

/** How a withdrawal ended, or how it stands when nobody can wait for more. */
export function endingOf(withdrawal: WithdrawalBody): Ending {
  const { state, rrn, responseCode, amount, dispensed } = withdrawal;
  const ending = (kind: EndingKind, facts: Omit<Facts, 'reference'>, notes: readonly Notes[] = []): Ending => ({
    kind,
    facts: { ...facts, reference: rrn },
    responseCode,
    notes,
    detail: null,
  });
  switch (state) {
    case 'dispensed':
    case 'settled': {
      const given = worthOf(dispensed);
      const account = { kind: state === 'settled' ? 'charged' : 'reserved', amount: given } as const;
      const kind = given === amount ? 'paid' : 'paid-in-part';
      return ending(kind, { cash: { kind: 'given', amount: given }, account }, dispensed);
    }
    case 'declined':
      return ending('declined', NOTHING);
    case 'reversing':
    case 'reversed': {
      const kind = responseCode === HOST_UNAVAILABLE ? 'unavailable' : 'nothing-dispensed';
      const account = { kind: state === 'reversed' ? 'not-charged' : 'released' } as const;
      return ending(kind, { cash: { kind: 'none' }, account });
    }
    case 'suspense':
      return ending('suspense', { cash: { kind: 'unknown' }, account: { kind: 'held', amount: amount ?? 0 } });
    case 'awaiting-amount':
      return ending('unavailable', NOTHING);
    case 'authorising':
    case 'dispensing':
      return ending('unclear', { cash: { kind: 'unknown' }, account: { kind: 'unknown' } });
  }
}

/** ISO 8583 response code 91. */
const HOST_UNAVAILABLE = '91';

/** Whether more is to come without anybody doing anything. */
export function isMoving({ state }: WithdrawalBody): boolean {
  return state === 'dispensed' || state === 'reversing' || state === 'authorising' || state === 'dispensing';
}

/** Nobody has said what became of an amount that was entered. The withdrawal is known, hence its reference. */
export function unclear(withdrawal: WithdrawalBody | null): Ending {
  const facts: Facts = { cash: { kind: 'unknown' }, account: { kind: 'unknown' }, reference: withdrawal?.rrn ?? null };
  return { kind: 'unclear', facts, responseCode: null, notes: [], detail: null };
}

export function endingOfDeposit({ amount, rrn, state }: DepositReceipt): Ending {
  const account = { kind: state === 'settled' ? 'credited' : 'to-be-credited', amount } as const;
  const facts: Facts = { cash: { kind: 'taken-in', amount }, account, reference: rrn };
  return { kind: 'deposited', facts, responseCode: null, notes: [], detail: null };
}

export function endingOfTransfer({ state, amount, rrn, responseCode }: TransferReceipt): Ending {
  if (state === 'declined') return { ...withoutMoney('transfer-declined', rrn), responseCode };
  const facts: Facts = { cash: { kind: 'none' }, account: { kind: 'charged', amount }, reference: rrn };
  return { kind: 'transferred', facts, responseCode, notes: [], detail: null };
}

/** The end of its id: short enough to write down, long enough to find it in the logs. Null where the request never got one. */
export const referenceOfRequest = (requestId: string | undefined): string | null => requestId?.slice(-12) ?? null;

/** A refusal of the request itself: it had no effect. */
export function endingOfProblem({ type, status, detail, requestId }: ProblemBody): Ending {
  const reference = referenceOfRequest(requestId);
  if (type.endsWith(':card-blocked')) return withoutMoney('card-blocked', reference);
  if (status === 401) return withoutMoney('expired', reference);
  if (status === 503 || status === 429) return withoutMoney('unavailable', reference);
  return withoutMoney('refused', reference, detail);
}

/** The ending as it stands after news of its withdrawal. */
export function withNews(ending: Ending, withdrawal: WithdrawalBody | null): Ending {
  return withdrawal === null || ending.facts.reference !== withdrawal.rrn ? ending : endingOf(withdrawal);
}
