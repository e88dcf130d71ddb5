import { describe, expect, it } from '@jest/globals';
import { checkAccounts } from './check-accounts.js';
import type { Operation } from './operation.js';

const OPENING = 10_000;

let made = 0;
/** An operation on the one account, from one time to another. */
const during = <Rest extends object>(invokedAtMs: number, completedAtMs: number, rest: Rest) => ({
  id: `${++made}`,
  account: 'ACC-0001',
  invokedAtMs,
  completedAtMs,
  ...rest,
});
const reads = (from: number, to: number, ledger: number, held = 0): Operation =>
  during(from, to, { kind: 'balance' as const, ledger, held, available: ledger - held });
const takes = (from: number, to: number, amount: number, rest: object = {}): Operation =>
  during(from, to, {
    ...({ kind: 'withdrawal', outcome: 'dispensed', authorisation: 'host' } as const),
    ...{ amount, taken: amount },
    ...rest,
  });
const withdrawal = (
  from: number,
  to: number,
  outcome: 'insufficient' | 'nothing' | 'suspense' | 'unknown',
  amount: number,
) => during(from, to, { kind: 'withdrawal' as const, outcome, amount });
const deposits = (from: number, to: number, amount: number): Operation =>
  during(from, to, { kind: 'deposit' as const, outcome: 'settled' as const, amount });

const check = (operations: Operation[], configurationsMax = 100_000) =>
  checkAccounts(operations, { opening: () => OPENING, configurationsMax })[0]!;

describe('histories that one order explains', () => {
  it.each<[string, Operation[]]>([
    ['none', [reads(0, 1, OPENING)]],
    ['a withdrawal, held and then settled', [takes(0, 5, 1000), reads(6, 7, 10_000, 1000), reads(8, 9, 9000)]],
    ['a read beside a withdrawal, before it', [takes(0, 9, 1000), reads(1, 2, 10_000), reads(3, 4, 10_000, 1000)]],
    [
      'two reads beside a deposit that disagree, one in the other',
      [deposits(0, 9, 50), reads(1, 8, 10_000), reads(2, 7, 10_050)],
    ],
    [
      'three withdrawals that settle out of order',
      [
        ...[takes(0, 3, 1000), takes(1, 4, 2000), takes(2, 5, 3000)],
        ...[reads(6, 7, 8000, 4000), reads(8, 9, 5000, 1000), reads(10, 11, 4000)],
      ],
    ],
    ['two that want all at once, one gets it', [takes(0, 5, 10_000), withdrawal(1, 4, 'insufficient', 10_000)]],
    [
      'a decline that a hold explains which was released later',
      [...[withdrawal(0, 1, 'nothing', 10_000), withdrawal(2, 3, 'insufficient', 1), reads(4, 5, 10_000)]],
    ],
    ['part of the notes', [takes(0, 5, 3000, { taken: 1000 }), reads(6, 7, 10_000, 3000), reads(8, 9, 9000)]],
    [
      'stand-in below zero',
      [takes(0, 5, 12_000, { authorisation: 'stand-in' }), reads(6, 7, 10_000), reads(8, 9, -2000)],
    ],
    [
      'stand-in whose hold was placed all the same',
      [...[takes(0, 5, 1000, { authorisation: 'stand-in' }), reads(6, 7, 10_000, 1000), reads(8, 9, 9000)]],
    ],
    [
      'an unknown one that has its effect late',
      [withdrawal(0, 1, 'unknown', 1000), reads(5, 6, 10_000), reads(8, 9, 9000)],
    ],
    ['an unknown one that never has any', [withdrawal(0, 1, 'unknown', 1000), reads(8, 9, 10_000)]],
    ['a suspended one that keeps its hold', [withdrawal(0, 1, 'suspense', 1000), reads(8, 9, 10_000, 1000)]],
    [
      'money from another broker that arrives late',
      [
        ...[
          during(0, 1, { kind: 'transfer-in' as const, outcome: 'sent' as const, amount: 70 }),
          reads(3, 4, 10_000),
          reads(8, 9, 10_070),
        ],
      ],
    ],
  ])('%s', (_name, operations) => {
    expect(check(operations)).toMatchObject({ verdict: 'linearizable' });
    expect(check(operations.toReversed())).toMatchObject({ verdict: 'linearizable' });
  });
});

describe('histories that no order explains', () => {
  it.each<[string, Operation[]]>([
    ['a stale read', [takes(0, 1, 1000), reads(2, 3, 10_000)]],
    ['a read of the future', [reads(0, 1, 9000), takes(2, 3, 1000)]],
    ['the new value and then the old one', [deposits(0, 9, 50), reads(1, 2, 10_050), reads(3, 4, 10_000)]],
    ['a balance that comes back', [takes(0, 1, 1000), reads(2, 3, 9000), reads(4, 5, 10_000, 1000)]],
    ['a withdrawal posted twice', [takes(0, 1, 1000), reads(8, 9, 8000)]],
    ['a withdrawal that is lost: held for ever', [takes(0, 1, 1000, { endedByMs: 5 }), reads(8, 9, 10_000, 1000)]],
    ['a hold that is freed while cash is out', [takes(0, 1, 1000), reads(2, 3, 10_000, 1000), reads(4, 5, 10_000)]],
    ['a ledger that falls without a hold', [takes(0, 1, 1000), reads(2, 3, 9000, 1000)]],
    [
      'a balance that does not add up',
      [during(0, 1, { kind: 'balance' as const, ledger: 10_000, held: 0, available: 9000 })],
    ],
    ['two that spend the same balance', [takes(0, 5, 6000), takes(1, 4, 6000)]],
    ['a decline while there is enough', [withdrawal(0, 1, 'insufficient', 1000)]],
    ['a deposit that was confirmed and is not there', [deposits(0, 1, 50), reads(2, 3, 10_000)]],
    [
      'a hold that outlives its reversal',
      [...[{ ...withdrawal(0, 1, 'nothing', 1000), endedByMs: 2 } as Operation, reads(3, 4, 10_000, 1000)]],
    ],
    ['cash that an unknown one pays twice', [withdrawal(0, 1, 'unknown', 1000), reads(8, 9, 8000)]],
  ])('%s', (_name, operations) => {
    expect(check(operations)).toMatchObject({ verdict: 'violated' });
  });
});

describe('what is reported', () => {
  it('names the operation that cannot be explained, and the order that explains the others', () => {
    const [taken, seen, stale] = [takes(0, 1, 1000), reads(2, 3, 9000), reads(4, 5, 10_000)];
    expect(check([stale, taken, seen])).toEqual({
      account: 'ACC-0001',
      operations: 3,
      verdict: 'violated',
      witness: { order: [taken.id, taken.id, seen.id], ledger: 9000, held: 0, impossible: stale },
    });
  });

  it('judges each account by its own operations', () => {
    const stale = { ...reads(2, 3, 1), account: 'ACC-0002' };
    const verdicts = checkAccounts([reads(0, 1, OPENING), stale], { opening: () => OPENING });
    expect(verdicts.map(({ account, verdict }) => [account, verdict])).toEqual([
      ['ACC-0001', 'linearizable'],
      ['ACC-0002', 'violated'],
    ]);
  });

  it('gives up where the budget ends, and says so', () => {
    const open = Array.from({ length: 24 }, (_, index) => withdrawal(0, 1, 'unknown', 2 ** index));
    expect(check([...open, reads(2, 3, 0.5)], 1000)).toMatchObject({ verdict: 'undecided' });
  });
});
