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
    message: { messageId: ID, type },
    steps: [step('selected', 0), step('authorised', 2, 'account-a-1'), step('intended', 2, 'atm-terminal-1')],
  };
}

describe('the trail of a withdrawal', () => {
  it('puts facts and sightings of all replicas in order, each with its ISO 8583 type', () => {
    const host = { steps: [step('authorised', 1), step('posted', 9)] };
    const heard = [
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
    const trail = mergeTrail(terminalTrail({ settledAt: at(11), state: 'settled' }), host, heard);
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

  it('says how a message stands that is not answered, and who was not heard', () => {
    const queued = { state: 'queued' as const, type: 'reversal-advice', attempts: 3, nextAttemptAt: at(900) };
    const heard = [
      { replica: 'atm-terminal-1', answer: { waiting: queued, sightings: [] } },
      { replica: 'account-a-1', answer: null },
    ];
    const trail = mergeTrail(terminalTrail({ state: 'reversing' }, 'reversal-advice'), null, heard);
    expect(trail.message).toMatchObject({ mti: '0420', state: 'queued', attempts: 3, nextAttemptAt: at(900) });
    expect(trail.unheard).toEqual(['account-a-1', 'account-a']);
  });

  it('shows that it waits at its target, where it does', () => {
    const dead = { state: 'dead' as const, type: 'completion-advice', attempts: 8, nextAttemptAt: null };
    const heard = [{ replica: 'account-a-1', answer: { waiting: dead, sightings: [] } }];
    expect(mergeTrail(terminalTrail(), { steps: [] }, heard).message?.state).toBe('dead');
  });

  it('is bounded', () => {
    const sightings = Array.from({ length: 500 }, (_, index) => ({
      at: at(100 + index),
      kind: 'sent-again' as const,
      attempt: index + 2,
    }));
    const heard = [{ replica: 'atm-terminal-1', answer: { waiting: null, sightings } }];
    expect(mergeTrail(terminalTrail(), null, heard).steps).toHaveLength(64);
  });
});
