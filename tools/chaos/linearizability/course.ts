import type { Operation, Withdrawal } from './operation.js';

/** What clients can see of an account. */
export interface AccountState {
  readonly ledger: number;
  readonly held: number;
}

/** Two conditions with the same name are the same. */
interface Condition {
  readonly name: string;
  readonly holds: (state: AccountState) => boolean;
}

/** Something that happens to the account at one instant. */
export interface Step {
  /** Number of the phase that the operation is in afterwards. */
  readonly to: number;
  readonly ledger: number;
  readonly held: number;
  /** When it can happen; always, where absent. */
  readonly condition?: Condition;
}

/** Where an operation stands. Without steps it is over. All of its steps have a condition, and it has to be left; or none has one. */
export interface Phase {
  /** When one of the steps must have happened, milliseconds; `Infinity` where it may stay for ever. */
  readonly leaveByMs: number;
  readonly steps: readonly Step[];
}

/**
 * Everything that an operation may do to its account, as a little automaton that starts in phase 0 at its call. Steps that the client does not
 * see happen inside the bank: a settlement follows its hold at some later time.
 */
export type Course = readonly [first: Phase, ...later: Phase[]];

const EVER = Infinity;
const OVER: Phase = { leaveByMs: EVER, steps: [] };

/** `available` is what may be spent: the ledger less what is held. */
const covers = (amount: number): Condition => ({
  name: `available is at least ${amount}`,
  holds: ({ ledger, held }) => ledger - held >= amount,
});
const lacks = (amount: number): Condition => ({
  name: `available is below ${amount}`,
  holds: ({ ledger, held }) => ledger - held < amount,
});

/** What the account may go through because of `operation`, given what the client was told. */
export function courseOf(operation: Operation): Course {
  const { amount } = operation.kind === 'balance' ? { amount: 0 } : operation;
  switch (operation.kind) {
    case 'balance': {
      const { ledger, held, available, completedAtMs } = operation;
      const condition = {
        name: `ledger is ${ledger}, held ${held}, available ${available}`,
        holds: (state: AccountState) =>
          state.ledger === ledger && state.held === held && state.ledger - state.held === available,
      };
      return atOnce(completedAtMs, { ledger: 0, held: 0, condition });
    }
    case 'withdrawal':
      return withdrawalCourse(operation);
    case 'deposit':
    case 'transfer-in': {
      const happened = operation.outcome === 'settled' || operation.outcome === 'posted';
      return atOnce(happened ? operation.completedAtMs : EVER, { ledger: amount, held: 0 });
    }
    case 'transfer-out': {
      if (operation.outcome === 'insufficient') {
        return atOnce(operation.completedAtMs, { ledger: 0, held: 0, condition: lacks(amount) });
      }
      const debit = { ledger: -amount, held: 0 };
      if (operation.outcome === 'unknown') return atOnce(EVER, debit);
      return atOnce(operation.completedAtMs, { ...debit, condition: covers(amount) });
    }
  }
}

/**
 * Phase 0: the host has not been asked. Phase 1: it holds the amount. Then it is settled (the ledger falls by what was taken) or released. Where the
 * terminal stood in, a hold may have been placed all the same: the host's answer was lost, or its request was late. Of a hold that nobody was told
 * of it is not asked whether the balance covered it; the audit does.
 */
function withdrawalCourse(withdrawal: Withdrawal): Course {
  const { amount } = withdrawal;
  const secretHold = { to: 1, ledger: 0, held: amount };
  const hold = { ...secretHold, condition: covers(amount) };
  const release = { to: 2, ledger: 0, held: -amount };
  const settle = (taken: number) => ({ to: 2, ledger: -taken, held: -amount });
  const settleUnheld = (taken: number) => ({ to: 2, ledger: -taken, held: 0 });
  switch (withdrawal.outcome) {
    case 'dispensed': {
      const { taken, completedAtMs, endedByMs = EVER } = withdrawal;
      const settling: Phase = { leaveByMs: endedByMs, steps: [settle(taken)] };
      return withdrawal.authorisation === 'host'
        ? [{ leaveByMs: completedAtMs, steps: [hold] }, settling, OVER]
        : [{ leaveByMs: endedByMs, steps: [secretHold, settleUnheld(taken)] }, settling, OVER];
    }
    case 'insufficient':
      return atOnce(withdrawal.completedAtMs, { ledger: 0, held: 0, condition: lacks(amount) });
    case 'nothing': {
      const { endedByMs } = withdrawal;
      const neverHeld = endedByMs === undefined ? [] : [settleUnheld(0)];
      return [
        { leaveByMs: endedByMs ?? EVER, steps: [secretHold, ...neverHeld] },
        { leaveByMs: endedByMs ?? EVER, steps: [release] },
        OVER,
      ];
    }
    case 'suspense':
      return atOnce(EVER, { ledger: 0, held: amount });
    case 'unknown':
      return [
        { leaveByMs: EVER, steps: [secretHold, settleUnheld(amount)] },
        { leaveByMs: EVER, steps: [settle(amount), release] },
        OVER,
      ];
  }
}

/** One step and it is over. */
const atOnce = (leaveByMs: number, step: Omit<Step, 'to'>): Course => [
  { leaveByMs, steps: [{ to: 1, ...step }] },
  OVER,
];
