import { describe, expect, it } from '@jest/globals';
import type { WithdrawalBody } from '#contracts';
import type { Operation } from '../load/operation.js';
import { balancesFollowReceipts } from './balances-follow-receipts.js';
import { cashPostedOnce } from './cash-posted-once.js';
import { checkHistories } from './check-histories.js';
import type { Evidence, Posting } from './evidence.js';
import { everyCallAnswered } from './every-call-answered.js';
import { INVARIANTS } from './invariants.js';
import type { Finding, Invariant } from './invariant.js';
import { nothingPostedUnasked } from './nothing-posted-unasked.js';
import { transfersPostedOnce } from './transfers-posted-once.js';

const ACCOUNT = 'ACC-0001';

const head = { number: 1, atm: 1, accountId: ACCOUNT, invokedAtMs: 0, completedAtMs: 1, refusal: null, calls: [] };

/** A withdrawal of 100.00 that gave so many notes of 50. */
const withdrawal = (rrn: string, notes: number, state: WithdrawalBody['state'] = 'dispensed'): Operation => ({
  ...head,
  ...{ kind: 'withdrawal', outcome: 'ok', amount: 10_000 },
  withdrawal: {
    ...{ withdrawalId: rrn, sessionId: 's', terminalId: 'ATM-001', state, amount: 10_000, currency: 'EUR' },
    ...{
      authorisation: 'host',
      dispensed: notes === 0 ? [] : [{ denomination: 5_000, count: notes }],
      responseCode: '00',
    },
    ...{ stan: '', rrn, createdAt: '', dispensedAt: null, settledAt: null },
  },
});
const transfer = (rrn: string): Operation => ({
  ...head,
  ...{ kind: 'transfer', outcome: 'ok', amount: 700, toAccountId: 'ACC-0002' },
  transfer: {
    ...{ transferId: rrn, fromAccountId: ACCOUNT, toAccountId: 'ACC-0002', amount: 700, currency: 'EUR' },
    ...{ state: 'posted', responseCode: '00', rrn, createdAt: '' },
  },
});
const posted = (rrn: string, amount: bigint, accountId = ACCOUNT): Posting => ({
  accountId,
  rrn,
  kind: 'withdrawal',
  amount,
});

const evidence = (operations: Operation[], postings: Posting[], ledger = 0, held = 0): Evidence =>
  ({
    operations,
    postings,
    accounts: [ACCOUNT],
    baseline: { balances: new Map([[ACCOUNT, 0n]]), at: new Date(0), lastLines: new Map() },
    told: { accounts: new Map([[ACCOUNT, { ledger, held }]]) },
  }) as unknown as Evidence;

const verdicts = async (invariant: Invariant, given: Evidence) =>
  (await invariant.check(given)).map(({ verdict }: Finding) => verdict);

describe('the audit from outside', () => {
  it('is content with cash that is posted once', async () => {
    const sound = evidence([withdrawal('1', 2), withdrawal('2', 0, 'reversed')], [posted('1', -10_000n)], -10_000);
    for (const invariant of [cashPostedOnce, nothingPostedUnasked, balancesFollowReceipts, everyCallAnswered]) {
      expect(await verdicts(invariant, sound)).toEqual([]);
    }
  });

  it.each<[string, Invariant, Operation[], Posting[], string[]]>([
    ['cash without a posting', cashPostedOnce, [withdrawal('1', 2)], [], ['lost']],
    [
      'a posting too many',
      cashPostedOnce,
      [withdrawal('1', 2)],
      [posted('1', -10_000n), posted('1', -10_000n)],
      ['doubled'],
    ],
    ['another amount than the notes', cashPostedOnce, [withdrawal('1', 1)], [posted('1', -10_000n)], ['unexplained']],
    ['a posting for no notes', nothingPostedUnasked, [withdrawal('1', 0)], [posted('1', -10_000n)], ['unexplained']],
    ['half a transfer', transfersPostedOnce, [transfer('1')], [posted('1', -700n)], ['lost']],
    [
      'a call that nobody answered',
      everyCallAnswered,
      [{ ...withdrawal('1', 0), outcome: 'unknown' }],
      [],
      ['unexplained'],
    ],
  ])('finds %s', async (_what, invariant, operations, postings, expected) => {
    expect(await verdicts(invariant, evidence(operations, postings))).toEqual(expected);
  });

  it('finds balances that are off, and money that is held for nothing', async () => {
    const taken = [withdrawal('1', 2)];
    expect(await verdicts(balancesFollowReceipts, evidence(taken, [], -9_999))).toEqual(['unexplained']);
    expect(await verdicts(balancesFollowReceipts, evidence(taken, [], -10_000, 10_000))).toEqual(['unexplained']);
    const inDoubt = [withdrawal('1', 0, 'suspense')];
    expect(await verdicts(balancesFollowReceipts, evidence(inDoubt, [], 0, 10_000))).toEqual([]);
  });

  it('sees a stale read of a balance', () => {
    const read = (invokedAtMs: number, ledger: number): Operation => ({
      ...{ ...head, number: invokedAtMs, invokedAtMs, completedAtMs: invokedAtMs + 1 },
      ...{ kind: 'balance', outcome: 'ok' },
      balance: { accountId: ACCOUNT, ledger, held: 0, available: ledger, currency: 'EUR', asOf: '', source: 'host' },
    });
    const brokerOf = () => 'account-a';
    const baseline = { ...evidence([], []).baseline, balances: new Map([[ACCOUNT, 100_000n]]) };
    const check = (operations: Operation[]) =>
      checkHistories({ operations, brokerOf, baseline }).map(({ verdict }) => verdict);
    expect(check([{ ...withdrawal('1', 2), completedAtMs: 5 }, read(6, 90_000)])).toEqual(['linearizable']);
    expect(check([{ ...withdrawal('1', 2), completedAtMs: 5 }, read(6, 100_000)])).toEqual(['violated']);
  });

  it('has a name of its own for every invariant', () => {
    expect(new Set(INVARIANTS.map(({ name }) => name)).size).toBe(INVARIANTS.length);
  });
});
