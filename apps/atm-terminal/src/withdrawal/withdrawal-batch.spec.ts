import { describe, expect, it } from '@jest/globals';
import { minorUnits } from '#money';
import { aWithdrawal } from '../../test/a-withdrawal.js';
import { StandInBudget } from '../stand-in/stand-in-limits.js';
import { WithdrawalBatch, type WithdrawalNews } from './withdrawal-batch.js';
import type { DispenseOutcome } from '../dispenser/dispenser.js';
import type { Withdrawal } from './withdrawal.js';

const AT = new Date('2026-01-01T12:00:05.000Z');
const [A, B, C] = ['a', 'b', 'c'].map((digit) => `0192f0c1-2b7a-8c3d-9e4f-${digit.repeat(12)}`) as [
  string,
  string,
  string,
];
const CAPS = { card: 50_000n, terminal: 100_000n, global: 200_000n };
const BALANCES = {
  ...{ accountId: 'ACC-0001', ledger: '0', held: '0', available: '0', currency: 'EUR' },
  asOf: '2026-01-01T12:00:04.000Z',
};
const TWO_FIFTIES = [{ denomination: 5_000, count: 2 }];
const HUNDRED: WithdrawalNews = { kind: 'amount-entered', amount: minorUnits(10_000n), claim: null };
const dispensed = (outcome: DispenseOutcome): WithdrawalNews => ({
  kind: 'dispenser-answered',
  outcome,
  approval: null,
});

function batchOf(withdrawals: readonly Withdrawal[], fifties: number, available = 0n): WithdrawalBatch {
  const cassettes = new Map([['ATM-001', [{ denomination: 5_000, count: fifties }]]]);
  const standIn = new StandInBudget(CAPS, [], new Map([['ACC-0001', available]]));
  return new WithdrawalBatch({ withdrawals, cassettes, standIn, at: AT, replica: 'atm-terminal-1' });
}

const selected = (withdrawalId: string, overrides: Partial<Withdrawal> = {}) =>
  aWithdrawal({ withdrawalId, state: 'awaiting-amount', amount: null, ...overrides });
const hundred = (withdrawalId: string, overrides: Partial<Withdrawal> = {}) =>
  aWithdrawal({ withdrawalId, amount: minorUnits(10_000n), noteMix: TWO_FIFTIES, ...overrides });

describe('news that share a transaction', () => {
  it('share the notes: what the first reserves the second does not have', () => {
    const batch = batchOf([selected(A), selected(B)], 3);
    expect(batch.take(A, HUNDRED)).toMatchObject({ state: 'authorising', noteMix: TWO_FIFTIES });
    expect(batch.notesGone).toBe(false);
    expect(batch.take(B, HUNDRED)).toMatchObject({ state: 'awaiting-amount', noteMix: null });
    expect(batch.notesGone).toBe(true);
    expect(batch.cassetteChanges()).toEqual([{ terminalId: 'ATM-001', denomination: 5_000, change: -2 }]);
    expect(batch.moves()).toMatchObject([{ was: { state: 'awaiting-amount' }, withdrawal: { withdrawalId: A } }]);
  });

  it('give rows to requests, with what their keys stand for, once each', () => {
    const claim = { scope: 'withdrawal', key: 'k', fingerprint: 'f' };
    const batch = batchOf([selected(A, { stored: false }), selected(B)], 100);
    expect(batch.take(A, { ...HUNDRED, claim })).toMatchObject({ stored: true, state: 'authorising' });
    expect(batch.take(A, { ...HUNDRED, claim: { ...claim, key: 'other' } }).state).toBe('authorising');
    batch.take(B, HUNDRED);
    expect(batch.arrivals()).toMatchObject([{ claim, withdrawal: { withdrawalId: A } }]);
    expect(batch.moves()).toMatchObject([{ withdrawal: { withdrawalId: B } }]);
  });

  it('share the stand-in limits, and spend nothing on news that come too late', () => {
    const batch = batchOf([hundred(A, { state: 'reversed' }), hundred(B), hundred(C)], 100, 15_000n);
    expect(batch.take(A, { kind: 'host-unreachable' }).state).toBe('reversed');
    expect(batch.take(B, { kind: 'host-unreachable' })).toMatchObject({
      state: 'dispensing',
      authorisation: 'stand-in',
    });
    expect(batch.take(C, { kind: 'host-unreachable' })).toMatchObject({ state: 'authorising', authorisation: null });
    expect(batch.moves().map(({ withdrawal }) => withdrawal.withdrawalId)).toEqual([B]);
    expect(batch.state.standIn.changes()).toContainEqual({ scope: 'global', subject: 'all', amount: 10_000n });
  });

  it('give up only what the dispenser never gave, and put its notes back', () => {
    const batch = batchOf([hundred(A), hundred(B)], 0);
    const all = { outcome: 'all', taken: TWO_FIFTIES, rejected: [], retracted: [] } as const;
    expect(
      batch.take(A, { kind: 'called-off', because: 'host-unavailable', outcome: { outcome: 'voided' } }),
    ).toMatchObject({ state: 'reversing', responseCode: '91' });
    expect(batch.take(B, { kind: 'called-off', because: 'host-unavailable', outcome: all })).toMatchObject({
      state: 'dispensed',
      authorisation: 'host',
    });
    expect(batch.cassetteChanges()).toEqual([{ terminalId: 'ATM-001', denomination: 5_000, change: 2 }]);
    expect(batch.advices.map(({ type, dialogId }) => [type, dialogId])).toEqual([
      ['reversal-advice', A],
      ['completion-advice', B],
    ]);
  });

  it('of a host that declines put the notes back', () => {
    const batch = batchOf([hundred(A)], 0);
    const answer = { approved: false, responseCode: '51', balances: BALANCES };
    expect(batch.take(A, { kind: 'declined', answer, host: 'account-a-1' })).toMatchObject({
      state: 'declined',
      responseCode: '51',
    });
    expect(batch.cassetteChanges()).toEqual([{ terminalId: 'ATM-001', denomination: 5_000, change: 2 }]);
    expect(batch.totalChanges()).toEqual([]);
    expect(batch.advices).toEqual([]);
  });

  it('about the same withdrawal from two drivers move it once', () => {
    const batch = batchOf([selected(A)], 100);
    batch.take(A, HUNDRED);
    expect(batch.take(A, HUNDRED).state).toBe('authorising');
    expect(batch.take(A, { ...HUNDRED, amount: minorUnits(5_000n) }).amount).toBe(10_000n);
    expect(batch.cassetteChanges()).toEqual([{ terminalId: 'ATM-001', denomination: 5_000, change: -2 }]);
    expect(batch.journal).toHaveLength(1);
  });

  it('of the dispenser put back what never left the cassettes', () => {
    const batch = batchOf([hundred(A)], 0);
    const one = [{ denomination: 5_000, count: 1 }];
    batch.take(A, dispensed({ outcome: 'part', taken: one, rejected: [], retracted: [] }));
    expect(batch.cassetteChanges()).toEqual([{ terminalId: 'ATM-001', denomination: 5_000, change: 1 }]);
    expect(batch.advices).toMatchObject([{ type: 'completion-advice', body: { taken: '5000', at: AT.toISOString() } }]);
  });

  it('add what became of the notes to their terminals, and nothing twice', () => {
    const elsewhere = '0192f0c1-2b7a-8c3d-9e4f-dddddddddddd';
    const batch = batchOf([hundred(A), hundred(B), hundred(C), hundred(elsewhere, { terminalId: 'ATM-002' })], 0);
    const one = [{ denomination: 5_000, count: 1 }];
    const all = dispensed({ outcome: 'all', taken: TWO_FIFTIES, rejected: [], retracted: [] });
    batch.take(A, all);
    batch.take(A, all);
    batch.take(B, dispensed({ outcome: 'part', taken: one, rejected: one, retracted: [] }));
    batch.take(C, dispensed({ outcome: 'unknown' }));
    batch.take(elsewhere, dispensed({ outcome: 'retracted', taken: [], rejected: [], retracted: TWO_FIFTIES }));
    expect(batch.totalChanges()).toEqual([
      { terminalId: 'ATM-001', taken: 15_000n, rejected: 5_000n, retracted: 0n, suspense: 10_000n },
      { terminalId: 'ATM-002', taken: 0n, rejected: 0n, retracted: 10_000n, suspense: 0n },
    ]);
  });

  it('of a dispenser that gave more than it was told are a fault', () => {
    const batch = batchOf([hundred(A)], 0);
    const taken = [{ denomination: 5_000, count: 3 }];
    expect(() => batch.take(A, dispensed({ outcome: 'all', taken, rejected: [], retracted: [] }))).toThrow(RangeError);
  });
});
