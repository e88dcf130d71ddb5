import { describe, expect, it } from '@jest/globals';
import { WITHDRAWAL_STATES, type WithdrawalState } from '#contracts';
import { minorUnits } from '#money';
import { aWithdrawal } from '../../test/a-withdrawal.js';
import { follow, isDriven, type EventKind, type WithdrawalEvent } from './transitions.js';

const AT = new Date('2026-01-01T12:00:05.000Z');
const MIX = [
  { denomination: 10_000, count: 1 },
  { denomination: 2_000, count: 4 },
];
const HUNDRED = MIX.slice(0, 1);
const TWENTY = [{ denomination: 2_000, count: 1 }];

const EVENTS: Readonly<Record<EventKind, WithdrawalEvent>> = {
  'amount-entered': { kind: 'amount-entered', amount: minorUnits(18_000n), notes: MIX },
  'stood-in': { kind: 'stood-in' },
  declined: { kind: 'declined', responseCode: '51' },
  'host-unavailable': { kind: 'host-unavailable' },
  abandoned: { kind: 'abandoned' },
  'notes-taken': { kind: 'notes-taken', taken: HUNDRED, rejected: TWENTY, retracted: [] },
  'nothing-taken': { kind: 'nothing-taken', rejected: TWENTY, retracted: HUNDRED },
  'outcome-unknown': { kind: 'outcome-unknown' },
  answered: { kind: 'answered' },
};

/** Written down apart from the table in the code: state, event, next state, advice. Everything else must be impossible. */
const LEGAL: readonly [WithdrawalState, EventKind, WithdrawalState, string?][] = [
  ['awaiting-amount', 'amount-entered', 'authorising'],
  ['authorising', 'stood-in', 'dispensing'],
  ['authorising', 'declined', 'declined'],
  ['authorising', 'host-unavailable', 'reversing', 'reversal'],
  ['authorising', 'abandoned', 'reversing', 'reversal'],
  ['authorising', 'notes-taken', 'dispensed', 'completion'],
  ['authorising', 'nothing-taken', 'reversing', 'reversal'],
  ['authorising', 'outcome-unknown', 'suspense', 'suspense'],
  ['dispensing', 'notes-taken', 'dispensed', 'completion'],
  ['dispensing', 'nothing-taken', 'reversing', 'reversal'],
  ['dispensing', 'outcome-unknown', 'suspense', 'suspense'],
  ['dispensed', 'answered', 'settled'],
  ['reversing', 'answered', 'reversed'],
  ['suspense', 'answered', 'suspense'],
];

const kinds = Object.keys(EVENTS) as EventKind[];
const everyPair = WITHDRAWAL_STATES.flatMap((state) =>
  kinds.map((kind): [WithdrawalState, EventKind] => [state, kind]),
);

describe('the state machine of a withdrawal', () => {
  it.each(everyPair)('in %s, %s', (state, kind) => {
    const step = follow(aWithdrawal({ state, noteMix: MIX }), EVENTS[kind], AT);
    const [, , to, advice] = LEGAL.find(([from, event]) => from === state && event === kind) ?? [];
    expect(step === null ? null : [step.withdrawal.state, step.transition.advice]).toEqual(
      to === undefined ? null : [to, advice],
    );
  });

  it('sends an advice exactly when nobody drives it any more', () => {
    for (const [state, kind, to] of LEGAL) {
      const step = follow(aWithdrawal({ state, noteMix: MIX }), EVENTS[kind], AT);
      const leaves = isDriven(state) && !isDriven(to) && to !== 'declined';
      expect(step?.transition.advice !== undefined).toBe(leaves);
    }
  });

  it('knows without having been told that the host has approved what was dispensed, unless it stood in', () => {
    const approved = follow(aWithdrawal({ noteMix: MIX }), EVENTS['notes-taken'], AT)?.withdrawal;
    expect(approved).toMatchObject({ authorisation: 'host', responseCode: '00' });
    const standing = follow(aWithdrawal({ noteMix: MIX }), EVENTS['stood-in'], AT)?.withdrawal ?? aWithdrawal();
    expect(follow(standing, EVENTS['notes-taken'], AT)?.withdrawal).toMatchObject({ authorisation: 'stand-in' });
  });

  it('keeps what an outcome says: the part taken is charged, the rest is in the bins', () => {
    const dispensing = aWithdrawal({ state: 'dispensing', noteMix: MIX, authorisation: 'host', responseCode: '00' });
    const part = follow(dispensing, EVENTS['notes-taken'], AT)?.withdrawal;
    expect(part).toMatchObject({
      dispensed: HUNDRED,
      taken: 10_000n,
      rejected: 2_000n,
      dispensedAt: AT,
      responseCode: '00',
    });
    const nothing = follow(dispensing, EVENTS['nothing-taken'], AT)?.withdrawal;
    expect(nothing).toMatchObject({
      dispensed: [],
      taken: 0n,
      rejected: 2_000n,
      retracted: 10_000n,
      responseCode: '96',
    });
    const unknown = follow(dispensing, EVENTS['outcome-unknown'], AT)?.withdrawal;
    expect(unknown).toMatchObject({ taken: 0n, suspense: 18_000n, dispensedAt: null, responseCode: '96' });
  });
});
