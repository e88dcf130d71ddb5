import { describe, expect, it } from '@jest/globals';
import type { ProblemBody, SessionBody, WithdrawalBody } from '#contracts';
import { type MachineEvent, type MachineState, OUT_OF_CARDS } from './state.js';
import { transition } from './transition.js';

const CARD = '4000001000000001';
const SESSION = { sessionId: 's', token: 't' } as SessionBody;
const NOTES = [10_000, 5_000, 2_000, 1_000].map((denomination) => ({ denomination, count: 100 }));

const withdrawal = (overrides: Partial<WithdrawalBody> = {}): WithdrawalBody => ({
  withdrawalId: 'w',
  sessionId: 's',
  terminalId: 'ATM-001',
  state: 'awaiting-amount',
  amount: null,
  currency: 'EUR',
  authorisation: null,
  dispensed: [],
  responseCode: null,
  stan: '000001',
  rrn: '632400000001',
  createdAt: '2026-01-01T00:00:00.000Z',
  dispensedAt: null,
  settledAt: null,
  ...overrides,
});

const PAID = withdrawal({ state: 'dispensed', amount: 20_000, dispensed: [{ denomination: 10_000, count: 2 }] });

const problem = (kind: string, status: number, members = {}): ProblemBody => ({
  type: `urn:cashpoint:problem:${kind}`,
  title: '',
  status,
  detail: 'said so',
  requestId: 'r-1',
  ...members,
});

/** Plays events; answers the last state and every effect on the way. */
function play(from: MachineState, ...events: MachineEvent[]) {
  const effects: string[] = [];
  let state = from;
  for (const event of events) {
    const step = transition(state, event);
    state = step.state;
    effects.push(...step.effects.map(({ kind }) => kind));
  }
  return { state, effects, screen: state.screen };
}

const atMenu = play(
  OUT_OF_CARDS,
  { kind: 'card-inserted', card: CARD },
  { kind: 'pin-entered' },
  { kind: 'session-opened', session: SESSION },
).state;
const atAmount = play(
  atMenu,
  { kind: 'chosen', item: 'withdraw' },
  { kind: 'notes-known', notes: NOTES },
  { kind: 'withdrawal-selected', withdrawal: withdrawal() },
).state;
const digits = (text: string): MachineEvent[] => [...text].map((digit) => ({ kind: 'digit', digit }));

describe('the machine', () => {
  it('asks for balance and notes while the customer types', () => {
    const { effects, screen } = play(atMenu, { kind: 'chosen', item: 'withdraw' }, ...digits('20'));
    expect(effects).toEqual(['select-withdrawal', 'read-notes', 'read-balance']);
    expect(screen).toEqual({ kind: 'amount', digits: '20', hint: null });
  });

  it('gives card before cash, and follows the booking until the receipt is taken', () => {
    const typed = play(atAmount, ...digits('200'), { kind: 'confirm' });
    expect(typed.effects).toEqual(['enter-amount']);
    const answered = play(typed.state, { kind: 'withdrawal-answered', withdrawal: PAID });
    expect(answered.screen.kind).toBe('take-card');
    expect(answered.effects).toEqual(['follow-withdrawal']);
    expect(play(answered.state, { kind: 'cash-taken' }).screen.kind).toBe('take-card');
    const cash = play(answered.state, { kind: 'card-taken' });
    expect([cash.screen.kind, cash.state.card]).toEqual(['take-cash', null]);
    const settled = { ...PAID, state: 'settled' } as const;
    const receipt = play(cash.state, { kind: 'withdrawal-followed', withdrawal: settled }, { kind: 'cash-taken' });
    expect(receipt.effects).toEqual(['read-balance']);
    expect(receipt.screen).toMatchObject({
      kind: 'ending',
      ending: {
        kind: 'paid',
        facts: {
          cash: { kind: 'given', amount: 20_000 },
          account: { kind: 'charged', amount: 20_000 },
          reference: '632400000001',
        },
      },
    });
    const over = play(receipt.state, { kind: 'done' });
    expect([over.screen.kind, over.effects]).toEqual(['idle', ['close-session']]);
  });

  it('enters an amount that was confirmed before the bank knew of the withdrawal, as soon as it does', () => {
    const early = play(atMenu, { kind: 'chosen', item: 'withdraw' }, { kind: 'amount-chosen', amount: 5_000 });
    expect(early.screen).toEqual({ kind: 'working', work: 'withdrawal' });
    const step = transition(early.state, { kind: 'withdrawal-selected', withdrawal: withdrawal() });
    expect(step.effects).toEqual([{ kind: 'enter-amount', withdrawalId: 'w', amount: 5_000 }]);
  });

  it('watches the balance request while the amount is typed', () => {
    const begun = play(atMenu, { kind: 'chosen', item: 'withdraw' });
    const step = transition(begun.state, { kind: 'withdrawal-selected', withdrawal: withdrawal() });
    expect(step.effects).toEqual([{ kind: 'watch-balance-request', withdrawalId: 'w' }]);
  });

  it('does not ask the bank for what the machine cannot give, and offers its neighbours', () => {
    const { effects, screen } = play(atAmount, ...digits('15'), { kind: 'confirm' });
    expect(effects).toEqual([]);
    expect(screen).toMatchObject({ kind: 'amount', hint: { kind: 'impossible', amounts: [1_000, 2_000] } });
  });

  it('says how many tries are left after a wrong PIN', () => {
    const asked = play(OUT_OF_CARDS, { kind: 'card-inserted', card: CARD }, { kind: 'pin-entered' });
    const refusal = problem('wrong-pin', 403, { triesLeft: 1 });
    expect(play(asked.state, { kind: 'refused', work: 'pin', problem: refusal }).screen).toEqual({
      kind: 'pin',
      triesLeft: 1,
    });
  });

  const entered = play(atAmount, { kind: 'amount-chosen', amount: 20_000 }).state;
  const endings: [string, MachineEvent, object][] = [
    [
      'declined',
      {
        kind: 'withdrawal-answered',
        withdrawal: withdrawal({ state: 'declined', amount: 20_000, responseCode: '51' }),
      },
      { cash: { kind: 'none' }, account: { kind: 'not-charged' } },
    ],
    [
      'nothing-dispensed',
      {
        kind: 'withdrawal-answered',
        withdrawal: withdrawal({ state: 'reversing', amount: 20_000, responseCode: '96' }),
      },
      { cash: { kind: 'none' }, account: { kind: 'released' } },
    ],
    [
      'suspense',
      { kind: 'withdrawal-answered', withdrawal: withdrawal({ state: 'suspense', amount: 20_000 }) },
      { cash: { kind: 'unknown' }, account: { kind: 'held', amount: 20_000 } },
    ],
    [
      'unclear',
      { kind: 'no-answer', work: 'withdrawal' },
      { cash: { kind: 'unknown' }, account: { kind: 'unknown' }, reference: '632400000001' },
    ],
    [
      'expired',
      { kind: 'refused', work: 'withdrawal', problem: problem('unauthenticated', 401) },
      { cash: { kind: 'none' }, account: { kind: 'not-charged' }, reference: 'r-1' },
    ],
    [
      'terminal-unknown',
      { kind: 'refused', work: 'pin', problem: problem('unauthenticated', 401) },
      { cash: { kind: 'none' }, account: { kind: 'not-charged' }, reference: 'r-1' },
    ],
    [
      'card-blocked',
      { kind: 'refused', work: 'pin', problem: problem('card-blocked', 403) },
      { cash: { kind: 'none' }, account: { kind: 'not-charged' }, reference: 'r-1' },
    ],
  ];
  it.each(endings)('states cash, account and reference when it ends %s', (kind, event, facts) => {
    expect(play(entered, event).screen).toMatchObject({ kind: 'ending', ending: { kind, facts } });
  });

  it('makes an unclear ending clear when the bank can be heard again, and then still gives card before cash', () => {
    const lost = play(entered, { kind: 'no-answer', work: 'withdrawal' });
    expect(lost.effects).toEqual(['follow-withdrawal']);
    const found = play(lost.state, { kind: 'withdrawal-followed', withdrawal: PAID });
    expect(found.screen).toMatchObject({ kind: 'take-card', next: { kind: 'paid' } });
    const reversed = withdrawal({ state: 'reversed', amount: 20_000, responseCode: '91' });
    const refused = { kind: 'refused', work: 'withdrawal', problem: problem('unavailable', 503) } as const;
    expect(play(entered, refused, { kind: 'withdrawal-followed', withdrawal: reversed }).screen).toMatchObject({
      kind: 'ending',
      ending: { kind: 'unavailable', facts: { account: { kind: 'not-charged' } } },
    });
  });

  it('leaves a new withdrawal alone when news of an earlier one arrive', () => {
    const reversing = withdrawal({ state: 'reversing', amount: 20_000, responseCode: '96' });
    const again = play(
      entered,
      { kind: 'withdrawal-answered', withdrawal: reversing },
      { kind: 'done' },
      { kind: 'chosen', item: 'withdraw' },
      { kind: 'withdrawal-selected', withdrawal: withdrawal({ withdrawalId: 'w2' }) },
      { kind: 'withdrawal-followed', withdrawal: { ...reversing, state: 'reversed' } },
      ...digits('50'),
    ).state;
    expect(transition(again, { kind: 'confirm' }).effects).toMatchObject([{ withdrawalId: 'w2', amount: 5_000 }]);
  });

  it('says why there is no balance to whom has asked for it, and goes on without it where it was only glanced at', () => {
    const unknown = { kind: 'balance-unknown', problem: problem('unauthenticated', 401) } as const;
    expect(play(atMenu, { kind: 'chosen', item: 'balance' }, unknown).screen).toMatchObject({
      ending: { kind: 'expired' },
    });
    expect(play(atAmount, unknown)).toMatchObject({ screen: { kind: 'amount' }, state: { balanceFailed: true } });
  });

  it('says that nothing happened where no gateway was there before any amount', () => {
    const { screen } = play(atMenu, { kind: 'chosen', item: 'withdraw' }, { kind: 'no-answer', work: 'withdrawal' });
    expect(screen).toMatchObject({ ending: { kind: 'no-gateway', facts: { cash: { kind: 'none' } } } });
  });

  it('returns the card to whom has left, and ends the session with it', () => {
    const { screen, state } = play(atAmount, { kind: 'left' });
    expect(screen).toMatchObject({ kind: 'take-card', next: { kind: 'left' } });
    const taken = play(state, { kind: 'card-taken' });
    expect([taken.screen.kind, taken.effects]).toEqual(['ending', ['close-session']]);
  });

  it('takes notes and accounts as they are typed', () => {
    const deposit = play(
      atMenu,
      { kind: 'chosen', item: 'deposit' },
      { kind: 'confirm' },
      { kind: 'notes-changed', notes: [{ denomination: 5_000, count: 2 }] },
      { kind: 'confirm' },
    );
    expect(deposit.effects).toEqual(['deposit']);
    const transfer = play(
      atMenu,
      { kind: 'chosen', item: 'transfer' },
      ...digits('0002'),
      { kind: 'confirm' },
      ...digits('25'),
      { kind: 'confirm' },
    );
    expect(transfer.effects).toEqual(['read-balance', 'transfer']);
    const typed = play(atMenu, { kind: 'chosen', item: 'transfer' }, { kind: 'account-typed', account: 'acc <7>' });
    expect(typed.screen).toMatchObject({ account: 'ACC7' });
  });

  it('is not moved by what does not fit its screen', () => {
    for (const event of [{ kind: 'confirm' }, { kind: 'card-taken' }, ...digits('1')] as MachineEvent[]) {
      expect(transition(OUT_OF_CARDS, event)).toEqual({ state: OUT_OF_CARDS, effects: [] });
    }
  });
});
