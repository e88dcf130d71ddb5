import { RESPONSE_CODE, type WithdrawalState } from '#contracts';
import { totalOf, type MinorUnits, type Notes } from '#money';
import type { Withdrawal } from './withdrawal.js';

/** What can happen to a withdrawal, with everything that was found out about it. */
export type WithdrawalEvent =
  | { readonly kind: 'amount-entered'; readonly amount: MinorUnits }
  /** The host holds the amount; the notes are reserved. */
  | { readonly kind: 'approved'; readonly notes: readonly Notes[] }
  /** The host is out of reach; the stand-in limits allow it; the notes are reserved. */
  | { readonly kind: 'stood-in'; readonly notes: readonly Notes[] }
  | { readonly kind: 'declined'; readonly responseCode: string }
  /** The host is out of reach, and stand-in is not possible. */
  | { readonly kind: 'host-unavailable' }
  /** Approved, but meanwhile the cassettes cannot make up the amount. */
  | { readonly kind: 'notes-gone' }
  /** Its replica has left it before anything was promised. */
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
const DISPENSE: Transition = { to: 'dispensing', journal: 'dispense-intended' };

/** Every legal step; what is not here cannot happen. The database's trigger on `withdrawal` says the same. */
export const TRANSITIONS: Readonly<Record<WithdrawalState, Readonly<Partial<Record<EventKind, Transition>>>>> = {
  'awaiting-amount': { 'amount-entered': { to: 'authorising' } },
  authorising: {
    approved: DISPENSE,
    'stood-in': DISPENSE,
    declined: { to: 'declined', journal: 'withdrawal-declined' },
    'host-unavailable': REVERSE,
    'notes-gone': REVERSE,
    abandoned: REVERSE,
  },
  dispensing: {
    'notes-taken': { to: 'dispensed', advice: 'completion', journal: 'notes-taken' },
    'nothing-taken': { to: 'reversing', advice: 'reversal', journal: 'nothing-taken' },
    'outcome-unknown': { to: 'suspense', advice: 'suspense', journal: 'outcome-unknown' },
  },
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
  return { withdrawal: { ...withdrawal, ...factsOf(withdrawal, event, at), state: transition.to }, transition };
}

function factsOf(withdrawal: Withdrawal, event: WithdrawalEvent, at: Date): Partial<Withdrawal> {
  switch (event.kind) {
    case 'amount-entered':
      return { amount: event.amount };
    case 'approved':
      return { authorisation: 'host', responseCode: RESPONSE_CODE.approved, noteMix: event.notes };
    case 'stood-in':
      return { authorisation: 'stand-in', responseCode: RESPONSE_CODE.approved, noteMix: event.notes };
    case 'declined':
      return { responseCode: event.responseCode };
    case 'host-unavailable':
    case 'abandoned':
      return { responseCode: RESPONSE_CODE.hostUnavailable };
    case 'notes-gone':
      return { responseCode: RESPONSE_CODE.systemMalfunction };
    case 'notes-taken':
      return { dispensed: event.taken, taken: totalOf(event.taken), ...binsOf(event), dispensedAt: at };
    case 'nothing-taken':
      return { ...binsOf(event), responseCode: RESPONSE_CODE.systemMalfunction };
    case 'outcome-unknown':
      return { suspense: totalOf(withdrawal.noteMix ?? []), responseCode: RESPONSE_CODE.systemMalfunction };
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
