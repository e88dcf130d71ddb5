import { expect, it } from '@jest/globals';
import { accountId, cardNumber, granted, OPENING, PIN, sessionOf } from '../../tools/atm/demo-customers.js';
import type { Bank } from '../cluster/bank.js';
import { booksAreRight } from '../cluster/books.js';
import { eventually } from '../../tools/eventually.js';

/** Goal: no race between ATMs, gateways and replicas spends a balance twice or guesses a PIN once too often. */
export function manyAtOnce(bank: () => Bank): void {
  it('50 withdrawals of 10.00 from an account of 50.00: 5 are dispensed, 45 declined with 51', async () => {
    const people = Array.from({ length: 50 }, (_, index) => bank().atm(index + 1));
    const sessions = await Promise.all(people.map((atm) => sessionOf(atm, 99)));
    const answers = await Promise.all(people.map((atm, index) => atm.withdraw(sessions[index]!, 1000)));
    const withdrawals = answers.map(granted);
    const dispensed = withdrawals.filter(({ state }) => state === 'dispensed' || state === 'settled');
    const declined = withdrawals.filter(({ state }) => state === 'declined');
    expect([dispensed.length, declined.length]).toEqual([5, 45]);
    expect(new Set(declined.map(({ responseCode }) => responseCode))).toEqual(new Set(['51']));
    expect(new Set(answers.map(({ gateway }) => gateway)).size).toBe(2);

    await booksAreRight(bank());
    expect(await bank().account(99)).toMatchObject({ accountId: accountId(99), ledger: 0, held: 0, available: 0 });
  }, 60_000);

  it('50 wrong PINs at once for a card of each broker: three are evaluated, and killing every account replica gives no try back', async () => {
    const cards = bank().brokers.map((broker) => cardNumber(bank().customer(broker)));
    const tryPin = (number: number, card: string, pin: string) => bank().atm(number).openSession(card, pin);
    for (const card of cards) {
      const guesses = Array.from({ length: 50 }, (_, index) => tryPin(index + 1, card, '9999'));
      const refusals = (await Promise.all(guesses)).flatMap((answer) => (answer.ok ? [] : [answer.problem]));
      expect(refusals.filter(({ type }) => type === 'urn:cashpoint:problem:wrong-pin')).toHaveLength(3);
      expect(refusals.filter(({ type }) => type === 'urn:cashpoint:problem:card-blocked')).toHaveLength(47);
      const triesLeft = refusals.map((problem) => problem.triesLeft).filter((tries) => tries !== undefined);
      expect(triesLeft.sort()).toEqual([0, 1, 2]);
    }
    await bank().kill(bank().accounts);
    await bank().start(bank().accounts);
    for (const card of cards) {
      const after = await eventually('the account service answers again', async () => {
        const answer = await tryPin(1, card, PIN);
        return answer.status !== 503 && answer;
      });
      expect(after.ok ? 'verified' : after.problem.type).toBe('urn:cashpoint:problem:card-blocked');
    }
  }, 60_000);

  it('the same Idempotency-Key from ten sides at once makes one withdrawal', async () => {
    const customer = bank().customer(bank().brokers.at(-1));
    const session = await sessionOf(bank().atm(), customer);
    const gateways = bank().gateways;
    const send = (gateway: string, body: object) =>
      fetch(`${gateway}/v1/sessions/${session.sessionId}/withdrawals`, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${session.token}`,
          'content-type': 'application/json',
          'idempotency-key': 'ten-sides',
        },
        body: JSON.stringify(body),
      });
    const responses = await Promise.all(
      Array.from({ length: 10 }, (_, index) => send(gateways[index % gateways.length]!, { amount: 3000 })),
    );
    expect(responses.map(({ status }) => status)).toEqual(Array(10).fill(201));
    const bodies = (await Promise.all(responses.map((response) => response.json()))) as { withdrawalId: string }[];
    expect(new Set(bodies.map(({ withdrawalId }) => withdrawalId)).size).toBe(1);
    const replay = await send(gateways[0]!, { amount: 3000 });
    expect(replay.headers.get('idempotency-replayed')).toBe('true');
    expect((await send(gateways[1]!, { amount: 4000 })).status).toBe(422);
    await booksAreRight(bank());
    expect((await bank().account(customer)).ledger).toBe(OPENING - 3000);
  }, 60_000);
}
