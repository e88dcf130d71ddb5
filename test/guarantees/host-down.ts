import { expect, it } from '@jest/globals';
import { cardNumber, granted, OPENING, PIN, sessionOf } from '../../tools/atm/demo-customers.js';
import type { Bank } from '../cluster/bank.js';
import { booksAreRight } from '../cluster/books.js';

/** Goal: with the account service wholly down, verified customers get cash within limits, others a clear refusal, and all settles later. */
export function hostDown(bank: () => Bank): void {
  it('every account replica down: stands in within limits, refuses beyond them, and settles by itself', async () => {
    const { accounts, brokers, gateways } = bank();
    const customers = bank().customers(brokers.length);
    const stranger = bank().customer();
    const atm = bank().atm();
    const sessions = await Promise.all(customers.map((customer) => sessionOf(atm, customer)));
    await bank().kill(accounts);

    const taken = await Promise.all(
      sessions.map(async (session) => {
        const withdrawal = granted(await atm.withdraw(session, 20_000));
        expect(withdrawal).toMatchObject({ state: 'dispensed', authorisation: 'stand-in', amount: 20_000 });
        expect(granted(await atm.balance(session))).toMatchObject({ source: 'cache' });
        expect((await atm.withdraw(session, 40_000)).status).toBe(503);
        return withdrawal;
      }),
    );
    const newSession = await fetch(`${gateways[0]}/v1/sessions`, {
      method: 'POST',
      headers: { 'x-terminal-key': 'demo-key-ATM-001', 'content-type': 'application/json' },
      body: JSON.stringify({ cardNumber: cardNumber(stranger), pin: PIN }),
    });
    expect(newSession.status).toBe(503);
    expect(Number(newSession.headers.get('retry-after'))).toBeGreaterThan(0);

    await bank().start(accounts);
    for (const [index, session] of sessions.entries()) {
      const settled = granted(await atm.untilEnded(session, taken[index]!.withdrawalId));
      expect(settled).toMatchObject({ state: 'settled', authorisation: 'stand-in' });
    }
    await booksAreRight(bank());
    for (const [index, session] of sessions.entries()) {
      expect(await bank().account(customers[index]!)).toMatchObject({ ledger: OPENING - 20_000, held: 0 });
      expect(granted(await atm.balance(session))).toMatchObject({ source: 'host', ledger: OPENING - 20_000 });
    }
  }, 90_000);
}
