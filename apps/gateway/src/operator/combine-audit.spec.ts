import { describe, expect, it } from '@jest/globals';
import type { HostAudit, TerminalAudit } from '#contracts';
import { combineAudit } from './combine-audit.js';

const ID = '0192f0c1-2b7a-5c3d-9e4f-5a6b7c8d9e0f';

/** One terminal that gave out 300.00 in two withdrawals of customers of two brokers, 10.00 into its bins, and took 50.00 in. */
const terminalAudit = (): TerminalAudit => ({
  asOf: '2025-01-01T12:00:00.000Z',
  inFlight: [],
  undecidedTransfers: [],
  withdrawals: { count: 2, amount: '30000', hash: '111' },
  deposits: { count: 1, amount: '5000', hash: '7' },
  cash: [
    {
      ...{ terminalId: 'ATM-001', loaded: '100000', remaining: '66000', taken: '30000', stoodIn: '10000' },
      ...{ rejected: '600', retracted: '400', suspense: '3000', deposited: '5000' },
    },
  ],
  checks: [{ name: 'the journal is unbroken', ok: true, expected: 0, observed: 0 }],
});

const hostAudit = (
  amount: string,
  hash: string,
  deposits: HostAudit['deposits'],
  cash: Omit<HostAudit['cash'][number], 'terminalId'>,
): HostAudit => ({
  checks: [{ name: 'every entry sums to zero', ok: true, expected: 0, observed: 0 }],
  withdrawals: { count: 1, amount, hash },
  deposits,
  cash: [{ terminalId: 'ATM-001', ...cash }],
  transfers: [],
  strayHolds: 0,
  parkedMessages: 0,
});

const brokerAudits = () => ({
  a: hostAudit(
    '10000',
    '100',
    { count: 0, amount: '0', hash: '0' },
    { atmCash: '11000', taken: '10000', unauthorised: '9000', bins: '1000', suspense: '0', deposited: '0' },
  ),
  b: hostAudit(
    '20000',
    '11',
    { count: 1, amount: '5000', hash: '7' },
    { atmCash: '23000', taken: '20000', unauthorised: '0', bins: '0', suspense: '3000', deposited: '5000' },
  ),
});

interface Sides {
  readonly terminal: TerminalAudit;
  readonly a: HostAudit;
  readonly b: HostAudit;
}

/** Two transfers from a to b, one back. */
const sides = (): Sides => {
  const { a, b } = brokerAudits();
  const there = { count: 2, amount: '700', hash: '31' };
  const back = { count: 1, amount: '50', hash: '5' };
  a.transfers = [{ broker: 'account-b', out: { ...there }, in: { ...back } }];
  b.transfers = [{ broker: 'account-a', out: { ...back }, in: { ...there } }];
  return { terminal: terminalAudit(), a, b };
};

const combine = ({ terminal, a, b }: Sides) =>
  combineAudit(terminal, [
    { broker: 'account-a', audit: a },
    { broker: 'account-b', audit: b },
  ]);

const redChecks = (changed: Sides) => combine(changed).checks.filter(({ ok }) => !ok);

describe('combineAudit', () => {
  it('is balanced where both sides say the same, the brokers added up', () => {
    const audit = combine(sides());
    expect(audit).toMatchObject({ balanced: true, inFlight: 0 });
    expect(audit.checks.map(({ name }) => name)).toContain('account-b: every entry sums to zero');
    expect(audit.checks.every(({ expected, observed }) => expected === observed)).toBe(true);
  });

  it.each<[string, (all: Sides) => void, RegExp]>([
    [
      'a check of the terminals',
      ({ terminal }) => (terminal.checks = [{ name: 'x', ok: false, expected: 0, observed: 1 }]),
      /^terminal: x/,
    ],
    [
      'a check of one broker',
      ({ b }) => (b.checks = [{ name: 'x', ok: false, expected: 0, observed: 1 }]),
      /^account-b: x/,
    ],
    ['a withdrawal that is not posted', ({ b }) => (b.withdrawals.count = 0), /^withdrawals .* number$/],
    ['a withdrawal posted with another amount', ({ a }) => (a.withdrawals.amount = '10001'), /^withdrawals .* amount$/],
    ['another withdrawal of the same amount', ({ a }) => (a.withdrawals.hash = '101'), /^withdrawals .* each one$/],
    ['a deposit posted twice', ({ a }) => (a.deposits.count = 1), /^deposits .* number$/],
    ['a deposit posted with another amount', ({ b }) => (b.deposits.amount = '1'), /^deposits .* amount$/],
    ['another deposit of the same amount', ({ b }) => (b.deposits.hash = '8'), /^deposits .* each one$/],
    ['cash that the ledger does not know of', ({ a }) => (cashOf(a).atmCash = '10999'), /ledger credits to ATM cash$/],
    ['cash debited to nobody', ({ a }) => (cashOf(a).taken = '9999'), /^notes taken/],
    ['cash that nobody approved', ({ b }) => (cashOf(b).unauthorised = '1001'), /^what the host posted without/],
    ['rejected notes that are not booked', ({ a }) => (cashOf(a).bins = '0'), /^notes in the bins/],
    ['cash in doubt that is not in suspense', ({ b }) => (cashOf(b).suspense = '0'), /^notes in doubt/],
    ['notes put in that are not booked', ({ b }) => (cashOf(b).deposited = '0'), /^notes put in/],
    [
      'notes gone from a cassette',
      ({ terminal }) => (cashOf(terminal).remaining = '65000'),
      /^notes missing from the cassettes/,
    ],
    ['a transfer that is not credited', ({ b }) => (b.transfers = []), /^transfer/],
    ['a transfer credited twice', ({ a }) => (transfersOf(a).in.count = 2), /^transfers from account-b .* each one$/],
    ['another transfer credited', ({ b }) => (transfersOf(b).in.hash = '32'), /^transfers from account-a .* each one$/],
    ['a transfer credited with another amount', ({ b }) => (transfersOf(b).in.amount = '701'), /^transfer/],
    ['a stray hold', ({ a }) => (a.strayHolds = 1), /^no hold is left/],
    ['a parked message', ({ b }) => (b.parkedMessages = 1), /^no message is parked/],
  ])('turns red by %s', (_what, breakIt, name) => {
    const broken = sides();
    breakIt(broken);
    expect(combine(broken).balanced).toBe(false);
    const red = redChecks(broken).map((check) => check.name);
    expect(red.length).toBeGreaterThan(0);
    expect(red.filter((each) => !name.test(each))).toEqual([]);
  });

  it('names the terminals that differ, those that one side does not know too', () => {
    const broken = sides();
    cashOf(broken.a).deposited = '1';
    broken.b.cash.push({ ...cashOf(broken.b), terminalId: 'ATM-009', atmCash: '0', taken: '0', suspense: '0' });
    const [check] = redChecks(broken);
    expect(check).toMatchObject({ expected: 'ATM-001: 5000, ATM-009: 0', observed: 'ATM-001: 5001, ATM-009: 5000' });
  });

  it('does not count cassettes while notes are on their way', () => {
    const busy = sides();
    busy.terminal.inFlight = [ID];
    cashOf(busy.terminal).remaining = '56000';
    expect(combine(busy)).toMatchObject({ balanced: true, inFlight: 1 });
  });
});

function cashOf<Cash>({ cash: [first] }: { cash: Cash[] }): Cash {
  if (first === undefined) throw new Error('no cash');
  return first;
}

function transfersOf({ transfers: [first] }: HostAudit): HostAudit['transfers'][number] {
  if (first === undefined) throw new Error('no transfers');
  return first;
}
