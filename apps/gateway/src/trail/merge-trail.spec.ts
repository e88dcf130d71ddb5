import { describe, expect, it } from '@jest/globals';
import type { TerminalTrail, TrailStep } from '#contracts';
import { mergeTrail } from './merge-trail.js';

const ID = '0192f0c1-3c8b-5d4e-8f5a-6b7c8d9e0f1a';
const at = (milliseconds: number) => new Date(Date.UTC(2026, 0, 1) + milliseconds).toISOString();
const step = (kind: TrailStep['kind'], milliseconds: number, replica: string | null = null): TrailStep => ({
  at: at(milliseconds),
  kind,
  replica,
  mti: null,
  detail: null,
});

function terminalTrail(
  overrides: Partial<TerminalTrail['withdrawal']> = {},
  type = 'completion-advice',
): TerminalTrail {
  return {
    withdrawal: {
      withdrawalId: ID,
      sessionId: ID,
      terminalId: 'ATM-001',
      state: 'dispensed',
      amount: 20_000,
      currency: 'EUR',
      authorisation: 'host',
      dispensed: [],
      responseCode: '00',
      stan: '000001',
      rrn: '600100000001',
      createdAt: at(0),
      dispensedAt: at(5),
      settledAt: null,
      ...overrides,
    },
    accountId: 'ACC-0001',
    broker: 'account-a',
    balanceRequestId: ID,
    message: { messageId: ID, type },
    steps: [step('selected', 0), step('authorised', 2, 'account-a-1'), step('intended', 2, 'atm-terminal-1')],
  };
}

describe('the trail of a withdrawal', () => {
  it('puts facts and sightings of all replicas in order, each with its ISO 8583 type', () => {
    const host = { steps: [step('authorised', 1), step('posted', 9)] };
    const advice = [
      {
        replica: 'atm-terminal-1',
        answer: { waiting: null, sightings: [{ at: at(6), kind: 'sent' as const, attempt: 1 }] },
      },
      {
        replica: 'account-a-2',
        answer: {
          waiting: null,
          sightings: [
            { at: at(9), kind: 'applied' as const, attempt: null },
            { at: at(12), kind: 'repeated' as const, attempt: null },
          ],
        },
      },
    ];
    const terminal = terminalTrail({ settledAt: at(11), state: 'settled' });
    const trail = mergeTrail({ terminal, host, balance: [], advice });
    expect(trail.steps.map(({ kind, replica, mti }) => [kind, replica, mti])).toEqual([
      ['selected', null, null],
      ['authorised', 'account-a-1', '0110'],
      ['intended', 'atm-terminal-1', null],
      ['sent', 'atm-terminal-1', '0220'],
      ['posted', null, '0220'],
      ['applied', 'account-a-2', '0220'],
      ['repeated', 'account-a-2', '0220'],
    ]);
    expect(trail.message).toMatchObject({ mti: '0220', state: 'answered', attempts: 1 });
    expect(trail.unheard).toEqual([]);
  });

  it('tells the balance request from the advice, with who answered it', () => {
    const balance = [
      {
        replica: 'atm-terminal-2',
        answer: {
          waiting: null,
          sightings: [
            { at: at(1), kind: 'sent' as const, attempt: 1 },
            { at: at(4), kind: 'answered' as const, attempt: null },
          ],
        },
      },
      {
        replica: 'account-a-3',
        answer: { waiting: null, sightings: [{ at: at(3), kind: 'served' as const, attempt: null }] },
      },
    ];
    const terminal = { ...terminalTrail({ state: 'awaiting-amount' }), message: null, steps: [step('selected', 0)] };
    const trail = mergeTrail({ terminal, host: { steps: [] }, balance, advice: [] });
    expect(trail.steps.map(({ kind, replica, mti }) => [kind, replica, mti])).toEqual([
      ['selected', null, null],
      ['balance-asked', 'atm-terminal-2', '0100'],
      ['balance-served', 'account-a-3', '0110'],
      ['balance-heard', 'atm-terminal-2', '0110'],
    ]);
    expect(trail.message).toBeNull();
  });

  it('says how a message stands that is not answered, and who was not heard', () => {
    const queued = { state: 'queued' as const, type: 'reversal-advice', attempts: 3, nextAttemptAt: at(900) };
    const advice = [
      { replica: 'atm-terminal-1', answer: { waiting: queued, sightings: [] } },
      { replica: 'account-a-1', answer: null },
    ];
    const terminal = terminalTrail({ state: 'reversing' }, 'reversal-advice');
    const trail = mergeTrail({ terminal, host: null, balance: advice, advice });
    expect(trail.message).toMatchObject({ mti: '0420', state: 'queued', attempts: 3, nextAttemptAt: at(900) });
    expect(trail.unheard).toEqual(['account-a-1', 'account-a']);
  });

  it('shows that it waits at its target, where it does', () => {
    const dead = { state: 'dead' as const, type: 'completion-advice', attempts: 8, nextAttemptAt: null };
    const advice = [{ replica: 'account-a-1', answer: { waiting: dead, sightings: [] } }];
    const host = { steps: [] };
    expect(mergeTrail({ terminal: terminalTrail(), host, balance: [], advice }).message?.state).toBe('dead');
  });

  it('is bounded', () => {
    const sightings = Array.from({ length: 500 }, (_, index) => ({
      at: at(100 + index),
      kind: 'sent-again' as const,
      attempt: index + 2,
    }));
    const advice = [{ replica: 'atm-terminal-1', answer: { waiting: null, sightings } }];
    expect(mergeTrail({ terminal: terminalTrail(), host: null, balance: [], advice }).steps).toHaveLength(64);
  });
});
