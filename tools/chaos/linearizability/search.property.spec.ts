import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { checkAccounts } from './check-accounts.js';
import { courseOf, type AccountState } from './course.js';
import type { Operation } from './operation.js';
import { histories, withoutDoubt, type Played } from './testing/played-history.js';

const OPENING = 20_000;
/** As many calls about one account as ten minutes of chaos make. */
const LONG = { minLength: 2000, maxLength: 2000 };
const verdictOf = (operations: readonly Operation[], opening = OPENING) =>
  checkAccounts(operations, { opening: () => opening })[0]?.verdict;

describe('histories of an account that really behaves', () => {
  it('are linearizable, however their calls overlap and whatever was not answered', () => {
    fc.assert(
      fc.property(histories(OPENING, 30, { minLength: 1, maxLength: 14 }), ({ operations }) => {
        expect(verdictOf(operations)).toBe('linearizable');
      }),
      { numRuns: 200 },
    );
  });

  it('are decided within the budget when they are as long as those of a chaos run', () => {
    const long = fc.sample(histories(OPENING * 100, 1, LONG), { numRuns: 2, seed: 1 });
    for (const { operations } of long) {
      expect(verdictOf(operations, OPENING * 100)).toBe('linearizable');
    }
  });
});

describe('such histories with one thing wrong', () => {
  /** Changes a history; null where there is nothing to change in it. */
  type Mutation = (played: Played) => readonly Operation[] | null;

  const last = ({ operations }: Played) => operations.at(-1);
  const withLast = ({ operations }: Played, read: Operation) => [...operations.slice(0, -1), read];
  const dispensed = ({ operations }: Played) =>
    operations.find((one) => one.kind === 'withdrawal' && one.outcome === 'dispensed' && one.taken > 0);

  const MUTATIONS: readonly (readonly [string, Mutation])[] = [
    [
      'a read that is a cent off',
      ({ operations }) => {
        const read = operations.findIndex(({ kind }) => kind === 'balance');
        return operations.map((one, index) =>
          index === read && one.kind === 'balance'
            ? { ...one, ledger: one.ledger + 1, available: one.available + 1 }
            : one,
        );
      },
    ],
    [
      'a withdrawal that nobody made',
      (played) => {
        const withdrawal = dispensed(played);
        return withdrawal === undefined ? null : played.operations.filter((one) => one !== withdrawal);
      },
    ],
    [
      'a withdrawal posted twice',
      (played) => {
        const [withdrawal, read] = [dispensed(played), last(played)];
        if (withdrawal?.kind !== 'withdrawal' || read?.kind !== 'balance') return null;
        const { amount } = withdrawal;
        return withLast(played, { ...read, ledger: read.ledger - amount, available: read.available - amount });
      },
    ],
    [
      'a hold that is never released',
      (played) => {
        const read = last(played);
        if (read?.kind !== 'balance') return null;
        return withLast(played, { ...read, held: read.held + 1000, available: read.available - 1000 });
      },
    ],
    [
      'a stale read at the end',
      (played) => {
        const [first, read] = [played.operations.find(({ kind }) => kind === 'balance'), last(played)];
        if (first?.kind !== 'balance' || read?.kind !== 'balance' || first.available === read.available) return null;
        const { ledger, held, available } = first;
        return withLast(played, { ...read, ledger, held, available });
      },
    ],
  ];

  it.each(MUTATIONS)('%s is found', (_name, mutate) => {
    let mutated = 0;
    fc.assert(
      fc.property(withoutDoubt(OPENING, { minLength: 5, maxLength: 30 }), (played) => {
        const operations = mutate(played);
        if (operations === null) return;
        mutated++;
        expect(verdictOf(operations)).toBe('violated');
      }),
      { numRuns: 100 },
    );
    expect(mutated).toBeGreaterThan(50);
  });
});

/** Tries every order of all steps, without remembering, ordering or leaving out anything. */
function hasAnOrder(operations: readonly Operation[], opening: number): boolean {
  const courses = operations.map(courseOf);
  const phase = courses.map(() => 0);
  const from = (state: AccountState): boolean => {
    const deadlines = courses.map((course, index) => course[phase[index]!]!.leaveByMs);
    const deadline = Math.min(...deadlines);
    if (deadline === Infinity) return true;
    return courses.some((course, index) => {
      if (operations[index]!.invokedAtMs > deadline) return false;
      const before = phase[index]!;
      return course[before]!.steps.some((step) => {
        if (!(step.condition?.holds(state) ?? true)) return false;
        phase[index] = step.to;
        const found = from({ ledger: state.ledger + step.ledger, held: state.held + step.held });
        phase[index] = before;
        return found;
      });
    });
  };
  return from({ ledger: opening, held: 0 });
}

describe('the search', () => {
  const at = fc.nat(6);
  const amount = fc.integer({ min: 1, max: 2 });
  const head = fc.record({
    at,
    lasts: fc.nat(4),
    amount,
    ledger: fc.nat(3),
    held: fc.nat(2),
    endsAfter: fc.option(fc.nat(2)),
  });
  /** Anything a client may claim, possible or not. */
  const claims = fc
    .tuple(
      head,
      fc.constantFrom('read', 'read', 'host', 'stand-in', 'insufficient', 'nothing', 'unknown', 'deposit', 'sent'),
    )
    .map(([{ at: invokedAtMs, lasts, amount: much, ledger, held, endsAfter }, kind]): Operation => {
      const completedAtMs = invokedAtMs + lasts;
      const ended = endsAfter === null ? {} : { endedByMs: completedAtMs + endsAfter };
      const common = { id: kind, account: 'ACC-0001', invokedAtMs, completedAtMs };
      switch (kind) {
        case 'read':
          return { ...common, kind: 'balance', ledger, held, available: ledger - held };
        case 'host':
        case 'stand-in':
          return {
            ...{ ...common, ...ended, kind: 'withdrawal', outcome: 'dispensed' },
            ...{ authorisation: kind, amount: much, taken: much },
          };
        case 'insufficient':
          return { ...common, kind: 'withdrawal', outcome: kind, amount: much };
        case 'nothing':
          return { ...common, ...ended, kind: 'withdrawal', outcome: kind, amount: much };
        case 'unknown':
          return { ...common, kind: 'withdrawal', outcome: kind, amount: much };
        case 'deposit':
          return { ...common, kind: 'deposit', outcome: 'settled', amount: much };
        case 'sent':
          return { ...common, kind: 'transfer-in', outcome: kind, amount: much };
      }
    });

  it('says what trying every order says', () => {
    const seen = { linearizable: 0, violated: 0 };
    fc.assert(
      fc.property(fc.array(claims, { minLength: 1, maxLength: 6 }), (operations) => {
        const expected = hasAnOrder(operations, 2) ? 'linearizable' : 'violated';
        seen[expected]++;
        expect(verdictOf(operations, 2)).toBe(expected);
      }),
      { numRuns: 3000 },
    );
    expect(Math.min(seen.linearizable, seen.violated)).toBeGreaterThan(500);
  });
});
