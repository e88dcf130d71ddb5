import { describe, expect, it } from '@jest/globals';
import { minorUnits } from '#money';
import { aWithdrawal } from '../../test/a-withdrawal.js';
import { StandInBudget } from '../stand-in/stand-in-limits.js';
import { WithdrawalBatch, type WithdrawalNews } from './withdrawal-batch.js';
import type { Withdrawal } from './withdrawal.js';

const AT = new Date('2026-01-01T12:00:05.000Z');
const [A, B, C] = ['a', 'b', 'c'].map((digit) => `0192f0c1-2b7a-8c3d-9e4f-${digit.repeat(12)}`) as [
  string,
  string,
  string,
];
const CAPS = { card: 50_000n, terminal: 100_000n, global: 200_000n };
const APPROVED: WithdrawalNews = {
  kind: 'authorisation-answered',
  answer: {
    approved: true,
    responseCode: '00',
    balances: {
      accountId: 'ACC-0001',
      ledger: '0',
      held: '0',
      available: '0',
      currency: 'EUR',
      asOf: '2026-01-01T12:00:04.000Z',
    },
  },
};

function batchOf(withdrawals: readonly Withdrawal[], fifties: number, available = 0n): WithdrawalBatch {
  const cassettes = new Map([['ATM-001', [{ denomination: 5_000, count: fifties }]]]);
  const standIn = new StandInBudget(CAPS, [], new Map([['ACC-0001', available]]));
  return new WithdrawalBatch({ withdrawals, cassettes, standIn, at: AT, replica: 'atm-terminal-1' });
}

const hundred = (withdrawalId: string, overrides: Partial<Withdrawal> = {}) =>
  aWithdrawal({ withdrawalId, amount: minorUnits(10_000n), ...overrides });

describe('news that share a transaction', () => {
  it('share the notes: what the first reserves the second does not have', () => {
    const batch = batchOf([hundred(A), hundred(B)], 3);
    expect(batch.take(A, APPROVED)).toMatchObject({
      state: 'dispensing',
      noteMix: [{ denomination: 5_000, count: 2 }],
    });
    expect(batch.take(B, APPROVED)).toMatchObject({ state: 'reversing', noteMix: null, responseCode: '96' });
    expect(batch.cassetteChanges()).toEqual([{ terminalId: 'ATM-001', denomination: 5_000, change: -2 }]);
    expect(batch.advices).toMatchObject([{ type: 'reversal-advice', dialogId: B, body: { reason: 'notes-gone' } }]);
  });

  it('share the stand-in limits, and spend nothing on news that come too late', () => {
    const batch = batchOf([hundred(A, { state: 'reversed' }), hundred(B), hundred(C)], 100, 15_000n);
    expect(batch.take(A, { kind: 'host-unreachable' }).state).toBe('reversed');
    expect(batch.take(B, { kind: 'host-unreachable' })).toMatchObject({
      state: 'dispensing',
      authorisation: 'stand-in',
    });
    expect(batch.take(C, { kind: 'host-unreachable' })).toMatchObject({
      state: 'reversing',
      responseCode: '91',
    });
    expect(batch.moved().map(({ withdrawal }) => withdrawal.withdrawalId)).toEqual([B, C]);
    expect(batch.state.standIn.changes()).toContainEqual({ scope: 'global', subject: 'all', amount: 10_000n });
  });

  it('about the same withdrawal from two drivers move it once', () => {
    const batch = batchOf([hundred(A)], 100);
    batch.take(A, APPROVED);
    expect(batch.take(A, APPROVED).state).toBe('dispensing');
    expect(batch.take(A, { kind: 'abandoned' }).state).toBe('dispensing');
    expect(batch.cassetteChanges()).toEqual([{ terminalId: 'ATM-001', denomination: 5_000, change: -2 }]);
    expect(batch.journal).toHaveLength(1);
  });

  it('of the dispenser put back what never left the cassettes', () => {
    const noteMix = [{ denomination: 5_000, count: 2 }];
    const batch = batchOf([hundred(A, { state: 'dispensing', authorisation: 'host', noteMix })], 0);
    const one = [{ denomination: 5_000, count: 1 }];
    batch.take(A, {
      kind: 'dispenser-answered',
      outcome: { outcome: 'part', taken: one, rejected: [], retracted: [] },
    });
    expect(batch.cassetteChanges()).toEqual([{ terminalId: 'ATM-001', denomination: 5_000, change: 1 }]);
    expect(batch.advices).toMatchObject([{ type: 'completion-advice', body: { taken: '5000', at: AT.toISOString() } }]);
  });

  it('of a dispenser that gave more than it was told are a fault', () => {
    const noteMix = [{ denomination: 5_000, count: 2 }];
    const batch = batchOf([hundred(A, { state: 'dispensing', authorisation: 'host', noteMix })], 0);
    const taken = [{ denomination: 5_000, count: 3 }];
    const outcome = { outcome: 'all', taken, rejected: [], retracted: [] } as const;
    expect(() => batch.take(A, { kind: 'dispenser-answered', outcome })).toThrow(RangeError);
  });
});
