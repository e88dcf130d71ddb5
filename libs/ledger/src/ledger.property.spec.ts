import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { minorUnits } from '#money';
import { authorise, complete, deposit, Ledger, reverse, suspend, transfer } from './index.js';
import type { Authorisation, Entry } from './index.js';
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

/**
 * Any sequence of commands, with few ids so that they meet each other in every order: the invariants of the ledger hold
 * after each one. They are computed here from what is to be stored, not by the ledger's own sums.
 */
const OPENING = minorUnits(500n);
const LIMITS = { A: 0n, B: 100n } as const;

type Step = (ledger: Ledger, nth: number) => unknown;

const account = fc.constantFrom('A', 'B');
const amount = fc.integer({ min: 1, max: 400 }).map((value) => minorUnits(BigInt(value)));
const some = fc.integer({ min: 0, max: 100 }).map((value) => minorUnits(BigInt(value)));
const requestedAt = fc.constantFrom('2026-03-01T23:59:59.999Z', '2026-03-02T00:00:00.000Z');

/** A withdrawal id belongs to one account, as its terminal sees to; so do its card, amount and instant. */
const withdrawal = fc.constantFrom('w1', 'w2', 'w3', 'w4', 'w5', 'w6').map((withdrawalId) => {
  const accountId = Number(withdrawalId[1]) % 2 === 0 ? 'A' : 'B';
  return { withdrawalId, accountId, cardToken: `card-${accountId}` };
});

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ withdrawal, amount, requestedAt }).map(
    ({ withdrawal, ...rest }) =>
      (ledger: Ledger) =>
        ledger.run(authorise, anAuthorise({ ...withdrawal, ...rest })),
  ),
  fc.record({ withdrawal, taken: some, rejected: some, retracted: some, requestedAt }).map(
    ({ withdrawal, ...rest }) =>
      (ledger: Ledger, nth: number) =>
        ledger.run(complete, aCompletion({ ...withdrawal, ...rest, entryId: `e${nth}`, adviceId: `m${nth}` })),
  ),
  fc.record({ withdrawal, rejected: some, retracted: some, requestedAt }).map(
    ({ withdrawal, ...rest }) =>
      (ledger: Ledger, nth: number) =>
        ledger.run(reverse, aReversal({ ...withdrawal, ...rest, entryId: `e${nth}`, adviceId: `m${nth}` })),
  ),
  fc.record({ withdrawal, amount, requestedAt }).map(
    ({ withdrawal, ...rest }) =>
      (ledger: Ledger, nth: number) =>
        ledger.run(suspend, aSuspension({ ...withdrawal, ...rest, entryId: `e${nth}`, adviceId: `m${nth}` })),
  ),
  fc
    .record({ depositId: fc.constantFrom('d1', 'd2'), accountId: account, amount })
    .map((over) => (ledger: Ledger, nth: number) => ledger.run(deposit, aDeposit({ ...over, entryId: `e${nth}` }))),
  fc
    .record({ transferId: fc.constantFrom('t1', 't2'), fromAccountId: account, toAccountId: account, amount })
    .map((over) => (ledger: Ledger, nth: number) => ledger.run(transfer, aTransfer({ ...over, entryId: `e${nth}` }))),
);

const steps = fc.array(step, { maxLength: 40, size: 'max' });

function newLedger(): Ledger {
  return new Ledger({
    accounts: [
      anAccount({ accountId: 'A', ledger: OPENING }),
      anAccount({ accountId: 'B', ledger: OPENING, overdraftLimit: minorUnits(LIMITS.B) }),
    ],
    cards: [
      aCard({ cardToken: 'card-A', accountId: 'A', dailyLimit: minorUnits(300n) }),
      aCard({ cardToken: 'card-B', accountId: 'B' }),
    ],
  });
}

const sum = (values: readonly bigint[]): bigint => values.reduce((total, value) => total + value, 0n);

const linesOf = (entries: readonly Entry[]) => entries.flatMap(({ lines }) => lines);

const openHold = (one: Authorisation): bigint => (one.state === 'held' || one.state === 'suspended' ? one.amount : 0n);

/** Everything that must hold of what a batch would store. */
function expectInvariants(ledger: Ledger): void {
  const { authorisationsNew: authorisations, entries } = ledger.changes();
  for (const { lines } of entries) {
    expect(sum(lines.map((line) => line.amount))).toBe(0n);
    expect(lines.every((line) => line.amount !== 0n)).toBe(true);
    expect(lines.length).toBeGreaterThan(1);
  }
  for (const accountId of ['A', 'B'] as const) {
    const totals = ledger.accounts.get(accountId);
    if (totals === undefined) throw new Error('an account is gone');
    const lines = linesOf(entries).filter((line) => line.ledgerAccountId === accountId);
    const own = authorisations.filter((one) => one.accountId === accountId);
    expect(totals.ledger).toBe(OPENING + sum(lines.map((line) => line.amount)));
    expect(lines.at(-1)?.balanceAfter ?? totals.ledger).toBe(totals.ledger);
    expect(totals.held).toBe(sum(own.map(openHold)));
    expect(totals.forced).toBe(sum(own.map((one) => one.forced)));
    expect(totals.ledger - totals.held).toBeGreaterThanOrEqual(-(LIMITS[accountId] + totals.forced));
  }
  const suspense = linesOf(entries).filter((line) => line.ledgerAccountId === 'suspense:T');
  expect(-sum(suspense.map((line) => line.amount))).toBe(sum(authorisations.map((one) => one.suspense)));
  expectUsage(ledger, authorisations);
  const causes = entries.map(({ kind, causeId }) =>
    kind === 'withdrawal' || kind === 'reversal' ? `resolution ${causeId}` : `${kind} ${causeId}`,
  );
  expect(new Set(causes).size).toBe(causes.length);
}

function expectUsage(ledger: Ledger, authorisations: readonly Authorisation[]): void {
  const card = ledger.cards.get('card-A');
  const counted = authorisations.filter((one) => one.countedOn !== null && one.countedOn === card?.spentOn);
  expect(card?.spent).toBe(sum(counted.map((one) => one.taken ?? openHold(one))));
}

const forcedOf = (ledger: Ledger) => [...ledger.accounts.values()].map(({ forced }) => forced);

/** Where force was recorded just now, it is to the unit what was needed. */
function expectNoMoreForceThanNeeded(ledger: Ledger, before: readonly bigint[]): void {
  [...ledger.accounts.values()].forEach(({ forced, ledger: balance, held, overdraftLimit }, index) => {
    if (forced !== before[index]) expect(balance - held).toBe(-(overdraftLimit + forced));
  });
}

/** What is stored, in a form that can be compared. */
const snapshot = (ledger: Ledger) => [...ledger.accounts.values(), ledger.changes()].map((one) => structuredClone(one));

describe('the ledger, for any sequence of commands', () => {
  it('keeps every invariant after every command', () => {
    fc.assert(
      fc.property(steps, (sequence) => {
        const ledger = newLedger();
        sequence.forEach((run, nth) => {
          const forced = forcedOf(ledger);
          run(ledger, nth);
          expectInvariants(ledger);
          expectNoMoreForceThanNeeded(ledger, forced);
        });
      }),
      { numRuns: 300 },
    );
  });

  it('changes nothing and answers the same when a command is repeated at once', () => {
    fc.assert(
      fc.property(steps, (sequence) => {
        const ledger = newLedger();
        sequence.forEach((run, nth) => {
          const first = run(ledger, nth) as { outcome: string };
          const before = snapshot(ledger);
          const again = run(ledger, nth) as { outcome: string };
          expect({ ...again, outcome: '' }).toEqual({ ...first, outcome: '' });
          expect(snapshot(ledger)).toEqual(before);
        });
      }),
      { numRuns: 200 },
    );
  });

  it('changes nothing when all of it is repeated later: every withdrawal, deposit and transfer is applied once', () => {
    fc.assert(
      fc.property(steps, (sequence) => {
        const ledger = newLedger();
        const resolving = sequence.slice();
        resolving.forEach((run, nth) => run(ledger, nth));
        ['w1', 'w2', 'w3', 'w4', 'w5', 'w6'].forEach((withdrawalId, index) => {
          const accountId = index % 2 === 0 ? 'B' : 'A';
          ledger.run(reverse, aReversal({ withdrawalId, accountId, cardToken: `card-${accountId}` }));
        });
        const totals = structuredClone([...ledger.accounts.values()]);
        const before = ledger.changes().entries.length;
        resolving.forEach((run, nth) => run(ledger, 1_000 + nth));
        expect([...ledger.accounts.values()].map(({ held }) => held)).toEqual([0n, 0n]);
        expect(ledger.changes().entries.length - before).toBe(0);
        expect([...ledger.accounts.values()]).toEqual(totals);
      }),
      { numRuns: 200 },
    );
  });

  it('decides alike in one batch and in many', () => {
    fc.assert(
      fc.property(steps, (sequence) => {
        const whole = newLedger();
        sequence.forEach((run, nth) => run(whole, nth));
        let stored = newLedger();
        sequence.forEach((run, nth) => {
          run(stored, nth);
          stored = reload(stored);
        });
        expect([...stored.accounts]).toEqual([...whole.accounts]);
        expect([...stored.authorisations]).toEqual([...whole.authorisations]);
      }),
      { numRuns: 100 },
    );
  });
});

/** As if everything had been stored and loaded again. */
function reload(ledger: Ledger): Ledger {
  return new Ledger({
    accounts: [...ledger.accounts.values()],
    cards: [...ledger.cards.values()],
    authorisations: [...ledger.authorisations.values()],
    transfers: [...ledger.transfers.values()],
    deposits: [...ledger.deposits].map(([depositId, entryId]) => ({ depositId, entryId })),
  });
}
