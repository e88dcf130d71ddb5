import { describe, expect, it } from '@jest/globals';
import { minorUnits } from '#money';
import { StandInBudget, type StandInUsage } from './stand-in-limits.js';

const CAPS = { card: 500n, terminal: 1_000n, global: 2_000n };
const request = (amount: bigint, cardToken = 'card', terminalId = 'ATM-001') => ({
  accountId: 'ACC',
  cardToken,
  terminalId,
  amount: minorUnits(amount),
});
const budget = (used: readonly StandInUsage[] = [], available = 10_000n) =>
  new StandInBudget(CAPS, used, new Map([['ACC', available]]));

describe('what stand-in lets through', () => {
  it('reaches each cap and no further', () => {
    const card = budget([{ scope: 'card', subject: 'card', amount: 300n }]);
    expect([card.grant(request(201n)), card.grant(request(200n)), card.grant(request(1n))]).toEqual([
      false,
      true,
      false,
    ]);
    const terminal = budget([{ scope: 'terminal', subject: 'ATM-001', amount: 900n }]);
    expect([terminal.grant(request(101n)), terminal.grant(request(100n))]).toEqual([false, true]);
    const global = budget([{ scope: 'global', subject: 'all', amount: 1_900n }]);
    expect([global.grant(request(101n)), global.grant(request(100n, 'other', 'ATM-002'))]).toEqual([false, true]);
  });

  it('is covered by the last known balance, and by none where none is known', () => {
    const poor = budget([], 100n);
    expect([poor.grant(request(101n)), poor.grant(request(60n)), poor.grant(request(60n))]).toEqual([
      false,
      true,
      false,
    ]);
    expect(new StandInBudget(CAPS, [], new Map()).grant(request(1n))).toBe(false);
  });

  it('counts only what was granted', () => {
    const one = budget([{ scope: 'terminal', subject: 'ATM-001', amount: 600n }]);
    one.grant(request(450n));
    one.grant(request(400n));
    expect(one.changes()).toEqual([
      { scope: 'card', subject: 'card', amount: 400n },
      { scope: 'global', subject: 'all', amount: 400n },
      { scope: 'terminal', subject: 'ATM-001', amount: 1_000n },
    ]);
  });
});
