import { RESPONSE_CODE, type WithdrawalState } from '#contracts';
import { totalOf, type MinorUnits, type Notes } from '#money';
import type { Withdrawal } from './withdrawal.js';

/** What can happen to a withdrawal, with everything that was found out about it. */
export type WithdrawalEvent =
  /** The notes are reserved. */
  | { readonly kind: 'amount-entered'; readonly amount: MinorUnits; readonly notes: readonly Notes[] }
  /** The host is out of reach; the stand-in limits allow it. */
  | { readonly kind: 'stood-in' }
  | { readonly kind: 'declined'; readonly responseCode: string }
  /** The host is out of reach, and stand-in is not possible: the dispenser was told never to give anything. */
  | { readonly kind: 'host-unavailable' }
  /** Its replica has left it before the dispenser was commanded, and the dispenser was told never to give anything. */
  | { readonly kind: 'abandoned' }
  | {
      readonly kind: 'notes-taken';
      readonly taken: readonly Notes[];
      readonly rejected: readonly Notes[];
      readonly retracted: readonly Notes[];
    }
  | { readonly kind: 'nothing-taken'; readonly rejected: readonly Notes[]; readonly retracted: readonly Notes[] }
  /** The dispenser cannot say what the customer has. */
  | { readonly kind: 'outcome-unknown' }
  /** The host has posted the advice. */
  | { readonly kind: 'answered' };

export type EventKind = WithdrawalEvent['kind'];

/** Where an event leads, and what must be committed with it. */
export interface Transition {
  readonly to: WithdrawalState;
  readonly advice?: 'completion' | 'reversal' | 'suspense';
  /** Kind of the record in the terminal's journal. */
  readonly journal?: string;
}

const REVERSE: Transition = { to: 'reversing', advice: 'reversal', journal: 'withdrawal-reversed' };
/** Of the dispenser, which is commanded once the host has approved, or the terminal stands in. */
const OUTCOMES: Readonly<Partial<Record<EventKind, Transition>>> = {
  'notes-taken': { to: 'dispensed', advice: 'completion', journal: 'notes-taken' },
  'nothing-taken': { to: 'reversing', advice: 'reversal', journal: 'nothing-taken' },
  'outcome-unknown': { to: 'suspense', advice: 'suspense', journal: 'outcome-unknown' },
};

/** Every legal step; what is not here cannot happen. The database's trigger on `withdrawal` says the same. */
export const TRANSITIONS: Readonly<Record<WithdrawalState, Readonly<Partial<Record<EventKind, Transition>>>>> = {
  'awaiting-amount': { 'amount-entered': { to: 'authorising', journal: 'dispense-intended' } },
  authorising: {
    'stood-in': { to: 'dispensing', journal: 'stood-in' },
    declined: { to: 'declined', journal: 'withdrawal-declined' },
    'host-unavailable': REVERSE,
    abandoned: REVERSE,
    ...OUTCOMES,
  },
  dispensing: OUTCOMES,
  dispensed: { answered: { to: 'settled' } },
  reversing: { answered: { to: 'reversed' } },
  suspense: { answered: { to: 'suspense' } },
  settled: {},
  declined: {},
  reversed: {},
};

/** States in which a withdrawal stays until somebody drives it on; all others are final or wait for the host's answer. */
export const isDriven = (state: WithdrawalState): boolean => state === 'authorising' || state === 'dispensing';

/** The withdrawal after `event`, or null where the event cannot happen in its state (another replica was first). */
export function follow(
  withdrawal: Withdrawal,
  event: WithdrawalEvent,
  at: Date,
): { readonly withdrawal: Withdrawal; readonly transition: Transition } | null {
  const transition = TRANSITIONS[withdrawal.state][event.kind];
  if (transition === undefined) return null;
  return {
    withdrawal: { ...withdrawal, ...factsOf(withdrawal, event, at), state: transition.to, stored: true },
    transition,
  };
}

function factsOf(withdrawal: Withdrawal, event: WithdrawalEvent, at: Date): Partial<Withdrawal> {
  // Where nobody stood in, nothing but the host's approval sets the dispenser going.
  const authorisation = withdrawal.authorisation ?? 'host';
  switch (event.kind) {
    case 'amount-entered':
      return { amount: event.amount, noteMix: event.notes };
    case 'stood-in':
      return { authorisation: 'stand-in', responseCode: RESPONSE_CODE.approved };
    case 'declined':
      return { responseCode: event.responseCode };
    case 'host-unavailable':
    case 'abandoned':
      return { responseCode: RESPONSE_CODE.hostUnavailable };
    case 'notes-taken':
      return {
        ...{ dispensed: event.taken, taken: totalOf(event.taken), ...binsOf(event), dispensedAt: at },
        ...{ authorisation, responseCode: RESPONSE_CODE.approved },
      };
    case 'nothing-taken':
      return { ...binsOf(event), authorisation, responseCode: RESPONSE_CODE.systemMalfunction };
    case 'outcome-unknown':
      return {
        ...{ suspense: totalOf(withdrawal.noteMix ?? []), authorisation },
        responseCode: RESPONSE_CODE.systemMalfunction,
      };
    case 'answered':
      return { settledAt: withdrawal.settledAt ?? at };
  }
}

function binsOf({
  rejected,
  retracted,
}: {
  rejected: readonly Notes[];
  retracted: readonly Notes[];
}): Partial<Withdrawal> {
  return { rejected: totalOf(rejected), retracted: totalOf(retracted) };
}
