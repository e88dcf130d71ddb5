import { describe, expect, it } from '@jest/globals';
import { minorUnits } from '#money';
import {
  authorise,
  complete,
  creditTransfer,
  deposit,
  Ledger,
  refundTransfer,
  reverse,
  sendTransfer,
  suspend,
  transfer,
  type CreditTransfer,
  type Loaded,
  type MoveAway,
} from './index.js';
import {
  aCard,
  aCompletion,
  aDeposit,
  anAccount,
  anAuthorise,
  aReversal,
  aSuspension,
  aTransfer,
} from './testing/commands.js';

const of = minorUnits;

const ledgerWith = (over: Loaded = {}) =>
  new Ledger({ accounts: [anAccount({ ledger: of(1_000n) })], cards: [aCard()], ...over });

const totalsOf = (ledger: Ledger, accountId = 'A') => {
  const account = ledger.accounts.get(accountId);
  return { ledger: account?.ledger, held: account?.held, forced: account?.forced };
};

const linesOf = (ledger: Ledger) =>
  ledger
    .changes()
    .entries.map(({ kind, lines }) => [
      kind,
      ...lines.map(({ ledgerAccountId, amount }) => `${ledgerAccountId} ${amount}`),
    ]);

describe('authorise', () => {
  it('places a hold', () => {
    const ledger = ledgerWith();
    expect(ledger.run(authorise, anAuthorise())).toEqual({ outcome: 'answered', responseCode: '00' });
    expect(totalsOf(ledger)).toEqual({ ledger: 1_000n, held: 100n, forced: 0n });
    expect(ledger.changes().entries).toEqual([]);
  });

  it.each([
    ['51: more than is available', anAuthorise({ amount: of(1_001n) }), {}, '51'],
    ['62: a blocked card', anAuthorise(), { cards: [aCard({ status: 'blocked' })] }, '62'],
    ['62: a card of another account', anAuthorise(), { cards: [aCard({ accountId: 'B' })] }, '62'],
    ['62: an unknown card', anAuthorise(), { cards: [] }, '62'],
    ['62: a closed account', anAuthorise(), { accounts: [anAccount({ ledger: of(1_000n), status: 'closed' })] }, '62'],
    ['61: over the daily limit', anAuthorise(), { cards: [aCard({ dailyLimit: of(99n) })] }, '61'],
    ['12: no positive amount', anAuthorise({ amount: of(0n) }), {}, '12'],
  ] as const)('declines with %s, and holds nothing', (_, command, loaded, responseCode) => {
    const ledger = ledgerWith(loaded);
    expect(ledger.run(authorise, command)).toEqual({ outcome: 'answered', responseCode });
    expect(totalsOf(ledger).held).toBe(0n);
    expect(ledger.changes().authorisationsNew).toMatchObject([{ state: 'declined', responseCode }]);
  });

  it('uses the overdraft limit, to the last unit', () => {
    const ledger = ledgerWith({ accounts: [anAccount({ ledger: of(1_000n), overdraftLimit: of(50n) })] });
    expect(ledger.run(authorise, anAuthorise({ amount: of(1_050n) }))).toMatchObject({ responseCode: '00' });
    expect(ledger.run(authorise, anAuthorise({ withdrawalId: 'w2', amount: of(1n) }))).toMatchObject({
      responseCode: '51',
    });
  });

  it('answers a repeat like the first, though the balance would now say otherwise', () => {
    const ledger = ledgerWith();
    ledger.run(authorise, anAuthorise({ withdrawalId: 'declined', amount: of(2_000n) }));
    ledger.run(authorise, anAuthorise({ amount: of(1_000n) }));
    ledger.run(deposit, aDeposit({ amount: of(5_000n) }));
    expect(ledger.run(authorise, anAuthorise({ amount: of(1_000n) }))).toMatchObject({ responseCode: '00' });
    expect(ledger.run(authorise, anAuthorise({ withdrawalId: 'declined', amount: of(2_000n) }))).toMatchObject({
      responseCode: '51',
    });
    expect(totalsOf(ledger).held).toBe(1_000n);
  });

  it.each([
    { amount: of(101n) },
    { cardToken: 'other' },
    { accountId: 'B' },
    { terminalId: 'U' },
    { stan: '2' },
    { rrn: '2' },
    { requestedAt: '2026-03-01T10:00:00.001Z' },
  ])('refuses the same id with other content: %j', (other) => {
    const ledger = ledgerWith();
    ledger.run(authorise, anAuthorise());
    expect(ledger.run(authorise, anAuthorise(other))).toEqual({ outcome: 'answered', responseCode: '12' });
    expect(totalsOf(ledger).held).toBe(100n);
  });

  it('refuses what was reversed or posted before it came', () => {
    const ledger = ledgerWith();
    ledger.run(reverse, aReversal({ withdrawalId: 'tombstone' }));
    ledger.run(complete, aCompletion({ withdrawalId: 'stand-in' }));
    for (const withdrawalId of ['tombstone', 'stand-in'])
      expect(ledger.run(authorise, anAuthorise({ withdrawalId }))).toMatchObject({ responseCode: '12' });
    expect(totalsOf(ledger).held).toBe(0n);
  });

  it('does not approve again what was approved and then reversed', () => {
    const ledger = ledgerWith();
    ledger.run(authorise, anAuthorise());
    ledger.run(reverse, aReversal());
    expect(ledger.run(authorise, anAuthorise())).toMatchObject({ responseCode: '12' });
  });
});

describe('complete', () => {
  it('releases the whole hold and posts what was taken', () => {
    const ledger = ledgerWith();
    ledger.run(authorise, anAuthorise());
    expect(ledger.run(complete, aCompletion({ taken: of(60n), rejected: of(30n), retracted: of(10n) }))).toEqual({
      outcome: 'posted',
      entryId: 'entry-w1',
    });
    expect(totalsOf(ledger)).toEqual({ ledger: 940n, held: 0n, forced: 0n });
    expect(linesOf(ledger)).toEqual([['withdrawal', 'A -60', 'atm-bin:T -40', 'atm-cash:T 100']]);
  });

  it('posts without a hold, below the limit where it must, and records by how much', () => {
    const ledger = ledgerWith({ accounts: [anAccount({ ledger: of(50n), overdraftLimit: of(20n) })] });
    ledger.run(complete, aCompletion());
    expect(totalsOf(ledger)).toEqual({ ledger: -50n, held: 0n, forced: 30n });
    expect(ledger.changes().authorisationsNew).toMatchObject([{ state: 'completed', taken: 100n, forced: 30n }]);
  });

  it('needs no force for what its own hold covers', () => {
    const ledger = ledgerWith({ accounts: [anAccount({ ledger: of(100n) })] });
    ledger.run(authorise, anAuthorise());
    ledger.run(complete, aCompletion());
    expect(totalsOf(ledger)).toEqual({ ledger: 0n, held: 0n, forced: 0n });
  });

  it('answers a second completion, or a reversal after it, like the first and posts nothing more', () => {
    const ledger = ledgerWith();
    ledger.run(authorise, anAuthorise());
    ledger.run(complete, aCompletion());
    const repeated = { outcome: 'repeated', entryId: 'entry-w1' };
    expect(ledger.run(complete, aCompletion({ entryId: 'other', taken: of(10n) }))).toEqual(repeated);
    expect(ledger.run(reverse, aReversal({ entryId: 'other' }))).toEqual(repeated);
    expect(totalsOf(ledger)).toEqual({ ledger: 900n, held: 0n, forced: 0n });
    expect(ledger.changes().entries).toHaveLength(1);
  });

  it.each([
    ['unknown-account', aCompletion({ accountId: 'X' })],
    ['other-account', aCompletion({ accountId: 'B' })],
    ['invalid-amount', aCompletion({ taken: of(-1n) })],
  ] as const)('refuses as a fault of the sender: %s', (reason, command) => {
    const ledger = ledgerWith({ accounts: [anAccount({ ledger: of(1_000n) }), anAccount({ accountId: 'B' })] });
    ledger.run(authorise, anAuthorise());
    expect(ledger.run(complete, command)).toEqual({ outcome: 'refused', reason });
    expect(ledger.changes().entries).toEqual([]);
  });
});

describe('reverse', () => {
  it('releases the hold and posts nothing where no note left its cassette', () => {
    const ledger = ledgerWith();
    ledger.run(authorise, anAuthorise());
    expect(ledger.run(reverse, aReversal())).toEqual({ outcome: 'posted', entryId: null });
    expect(totalsOf(ledger)).toEqual({ ledger: 1_000n, held: 0n, forced: 0n });
  });

  it('moves retracted notes from the cassettes to the bin', () => {
    const ledger = ledgerWith();
    ledger.run(authorise, anAuthorise());
    ledger.run(reverse, aReversal({ retracted: of(100n) }));
    expect(linesOf(ledger)).toEqual([['reversal', 'atm-bin:T -100', 'atm-cash:T 100']]);
  });

  it('stands against a completion that comes after it', () => {
    const ledger = ledgerWith();
    ledger.run(reverse, aReversal());
    expect(ledger.run(complete, aCompletion())).toEqual({ outcome: 'repeated', entryId: null });
    expect(totalsOf(ledger).ledger).toBe(1_000n);
  });
});

describe('suspend', () => {
  it('keeps the hold and moves the cash to suspense', () => {
    const ledger = ledgerWith();
    ledger.run(authorise, anAuthorise());
    ledger.run(suspend, aSuspension());
    expect(totalsOf(ledger)).toEqual({ ledger: 1_000n, held: 100n, forced: 0n });
    expect(linesOf(ledger)).toEqual([['suspense', 'suspense:T -100', 'atm-cash:T 100']]);
  });

  it('places a hold by force for a stand-in', () => {
    const ledger = ledgerWith({ accounts: [anAccount({ ledger: of(30n) })] });
    ledger.run(suspend, aSuspension());
    expect(totalsOf(ledger)).toEqual({ ledger: 30n, held: 100n, forced: 70n });
  });

  it('is taken back out of suspense when the case is resolved', () => {
    const ledger = ledgerWith();
    ledger.run(authorise, anAuthorise());
    ledger.run(suspend, aSuspension());
    ledger.run(complete, aCompletion({ taken: of(60n) }));
    expect(totalsOf(ledger)).toEqual({ ledger: 940n, held: 0n, forced: 0n });
    expect(linesOf(ledger)[1]).toEqual(['withdrawal', 'A -60', 'suspense:T 100', 'atm-cash:T -40']);
    expect(ledger.authorisations.get('w1')).toMatchObject({ state: 'completed', suspense: 0n });
  });
});

describe('the daily limit', () => {
  const limited = () => ledgerWith({ cards: [aCard({ dailyLimit: of(100n) })] });
  const codeFor = (ledger: Ledger, over: Parameters<typeof anAuthorise>[0]) =>
    (ledger.run(authorise, anAuthorise(over)) as { responseCode: string }).responseCode;

  it('counts holds, and gives back what was not taken', () => {
    const ledger = limited();
    expect(codeFor(ledger, { amount: of(100n) })).toBe('00');
    expect(codeFor(ledger, { withdrawalId: 'w2', amount: of(40n) })).toBe('61');
    ledger.run(complete, aCompletion({ taken: of(60n) }));
    expect(codeFor(ledger, { withdrawalId: 'w3', amount: of(40n) })).toBe('00');
    ledger.run(reverse, aReversal({ withdrawalId: 'w3' }));
    expect(codeFor(ledger, { withdrawalId: 'w4', amount: of(40n) })).toBe('00');
  });

  it('begins anew with the business date, and a late request of yesterday counts for today', () => {
    const ledger = limited();
    expect(codeFor(ledger, { amount: of(100n) })).toBe('00');
    const tomorrow = '2026-03-02T00:00:00.000Z';
    expect(codeFor(ledger, { withdrawalId: 'w2', amount: of(60n), requestedAt: tomorrow })).toBe('00');
    expect(codeFor(ledger, { withdrawalId: 'w3', amount: of(60n) })).toBe('61');
    ledger.run(reverse, aReversal());
    expect(ledger.cards.get('card-A')?.spent).toBe(60n);
  });

  it('counts stand-in withdrawals, beyond the limit if it was so', () => {
    const ledger = limited();
    ledger.run(complete, aCompletion({ taken: of(130n) }));
    expect(ledger.cards.get('card-A')?.spent).toBe(130n);
    expect(codeFor(ledger, { withdrawalId: 'w2', amount: of(1n) })).toBe('61');
  });
});

describe('deposit', () => {
  it('credits the customer once', () => {
    const ledger = ledgerWith();
    expect(ledger.run(deposit, aDeposit())).toEqual({ outcome: 'posted', entryId: 'entry-d1' });
    expect(ledger.run(deposit, aDeposit({ entryId: 'other' }))).toEqual({ outcome: 'repeated', entryId: 'entry-d1' });
    expect(totalsOf(ledger).ledger).toBe(1_100n);
    expect(linesOf(ledger)).toEqual([['deposit', 'A 100', 'atm-deposit:T -100']]);
  });
});

describe('transfer', () => {
  const two = () => ledgerWith({ accounts: [anAccount({ ledger: of(100n) }), anAccount({ accountId: 'B' })] });

  it('moves the amount in one entry, once', () => {
    const ledger = two();
    for (const entryId of ['first', 'second'])
      expect(ledger.run(transfer, aTransfer({ entryId }))).toMatchObject({ responseCode: '00' });
    expect([totalsOf(ledger, 'A').ledger, totalsOf(ledger, 'B').ledger]).toEqual([0n, 100n]);
    expect(linesOf(ledger)).toEqual([['transfer', 'A -100', 'B 100']]);
  });

  it.each([
    ['51', 'more than is available', { amount: of(101n) }],
    ['12', 'to itself', { toAccountId: 'A' }],
    ['12', 'a negative amount', { amount: of(-1n) }],
  ])('declines with %s: %s', (responseCode, _, over) => {
    const ledger = two();
    expect(ledger.run(transfer, aTransfer(over))).toEqual({ outcome: 'answered', responseCode });
    expect(ledger.changes()).toMatchObject({ entries: [], transfers: [{ responseCode, entryId: null }] });
  });

  it('does not spend what is held', () => {
    const ledger = two();
    ledger.run(authorise, anAuthorise({ amount: of(60n) }));
    expect(ledger.run(transfer, aTransfer({ amount: of(50n) }))).toMatchObject({ responseCode: '51' });
  });

  it('knows both accounts or none', () => {
    expect(two().run(transfer, aTransfer({ toAccountId: 'X' }))).toEqual({
      outcome: 'unknown-account',
      accountId: 'X',
    });
  });
});

describe('a transfer between brokers', () => {
  const away = (over: Partial<MoveAway> = {}): MoveAway => ({ ...aTransfer(), toBroker: 'b', ...over });
  const credit = (over: Partial<CreditTransfer> = {}): CreditTransfer => {
    const { transferId, toAccountId, amount, rrn, requestedAt } = aTransfer();
    const command = { transferId, toAccountId, amount, rrn, requestedAt, fromBroker: 'a', currency: 'EUR' };
    return { ...command, entryId: 'credit', adviceId: 'message', ...over };
  };
  const target = () => ledgerWith({ accounts: [anAccount({ accountId: 'B' })] });

  it('debits into clearing with the other broker, and credits out of it there, once each', () => {
    const source = ledgerWith();
    for (const entryId of ['first', 'second']) {
      expect(source.run(sendTransfer, away({ entryId }))).toEqual({ outcome: 'answered', responseCode: '00' });
    }
    expect(linesOf(source)).toEqual([['transfer', 'A -100', 'transfer-clearing:b 100']]);
    expect(source.changes().transfers).toMatchObject([{ toBroker: 'b', entryId: 'first' }]);

    const there = target();
    expect(there.run(creditTransfer, credit())).toEqual({ outcome: 'posted', entryId: 'credit' });
    expect(there.run(creditTransfer, credit({ entryId: 'again' }))).toEqual({ outcome: 'repeated', entryId: 'credit' });
    expect(linesOf(there)).toEqual([['transfer-credit', 'transfer-clearing:a -100', 'B 100']]);
    expect(totalsOf(there, 'B').ledger).toBe(100n);
  });

  it.each([
    ['51', 'more than is available', { amount: of(1_001n) }, {}],
    ['12', 'no positive amount', { amount: of(0n) }, {}],
    ['62', 'a closed account', {}, { status: 'closed' as const }],
  ])('declines with %s: %s, and debits nothing', (responseCode, _, over, account) => {
    const source = ledgerWith({ accounts: [anAccount({ ledger: of(1_000n), ...account })] });
    expect(source.run(sendTransfer, away(over))).toEqual({ outcome: 'answered', responseCode });
    expect(source.changes()).toMatchObject({ entries: [], transfers: [{ responseCode, entryId: null }] });
    expect(() => source.run(refundTransfer, { transferId: 't1', entryId: 'refund' })).toThrow('no debit');
  });

  it.each([
    ['12', 'an account that is not there', { toAccountId: 'X' }, {}],
    ['12', 'another currency', { currency: 'CHF' }, {}],
    ['62', 'a closed account', {}, { status: 'closed' as const }],
  ])('is refused with %s by %s, and the debit is given back once', (responseCode, _, over, account) => {
    const there = ledgerWith({ accounts: [anAccount({ accountId: 'B', ...account })] });
    expect(there.run(creditTransfer, credit(over))).toEqual({ outcome: 'refused', responseCode });
    expect(there.changes().entries).toEqual([]);

    const source = ledgerWith();
    source.run(sendTransfer, away());
    expect(source.run(refundTransfer, { transferId: 't1', entryId: 'refund' })).toBe('posted');
    expect(source.run(refundTransfer, { transferId: 't1', entryId: 'again' })).toBe('repeated');
    expect(linesOf(source)[1]).toEqual(['transfer-refund', 'transfer-clearing:b -100', 'A 100']);
    expect(totalsOf(source).ledger).toBe(1_000n);
  });

  it('answers the same id with another request as invalid', () => {
    const source = ledgerWith();
    source.run(sendTransfer, away());
    expect(source.run(sendTransfer, away({ amount: of(1n) }))).toEqual({ outcome: 'answered', responseCode: '12' });
  });
});
