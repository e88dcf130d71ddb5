import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Bank, cardNumber, granted, OPENING, PIN, sessionOf } from './cluster/bank.js';

const ACCOUNTS = ['account-a-1', 'account-a-2', 'account-a-3'];

/** Goal: with the account service wholly down, verified customers get cash within limits, others a clear refusal, and all settles later. */
describe('the account service wholly down', () => {
  let bank: Bank;
  beforeAll(async () => {
    bank = await Bank.open();
  }, 60_000);
  afterAll(() => bank?.close(), 30_000);

  it('stands in within limits, refuses beyond them, and settles by itself', async () => {
    const atm = bank.atm();
    const session = await sessionOf(atm, 7);
    await Promise.all(ACCOUNTS.map((name) => bank.cluster.kill(name)));

    const first = granted(await atm.withdraw(session, 20_000));
    expect(first).toMatchObject({ state: 'dispensed', authorisation: 'stand-in', amount: 20_000 });
    const cached = granted(await atm.balance(session));
    expect(cached).toMatchObject({ source: 'cache' });

    const overLimit = await atm.withdraw(session, 40_000);
    expect(overLimit.status).toBe(503);
    const newSession = await fetch(`${bank.gateways[0]}/v1/sessions`, {
      method: 'POST',
      headers: { 'x-terminal-key': 'demo-key-ATM-001', 'content-type': 'application/json' },
      body: JSON.stringify({ cardNumber: cardNumber(8), pin: PIN }),
    });
    expect(newSession.status).toBe(503);
    expect(Number(newSession.headers.get('retry-after'))).toBeGreaterThan(0);

    await Promise.all(ACCOUNTS.map((name) => bank.cluster.start(name)));
    const settled = granted(await atm.untilEnded(session, first.withdrawalId));
    expect(settled).toMatchObject({ state: 'settled', authorisation: 'stand-in' });
    const audit = await bank.auditWhenQuiet();
    expect(audit.checks.filter(({ ok }) => !ok)).toEqual([]);
    expect(await bank.account(7)).toMatchObject({ ledger: OPENING - 20_000, held: 0 });
    expect(granted(await atm.balance(session))).toMatchObject({ source: 'host', ledger: OPENING - 20_000 });
  }, 90_000);
});
