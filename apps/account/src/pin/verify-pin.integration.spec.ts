import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { PinVerification } from '#contracts';
import { aWithdrawal, cardNumberOf, openTestHost, type TestHost, type TestReplica } from '../testing/test-host.js';

describe('PIN verification', () => {
  let host: TestHost;
  let replica: (turn: number) => TestReplica;
  beforeAll(async () => {
    host = await openTestHost();
    replica = host.replicas(4);
  });
  afterAll(() => host.close());

  const attempt = (customer: number, pin: string): PinVerification => ({
    attemptId: randomUUID(),
    cardNumber: cardNumberOf(customer),
    pin,
    terminalId: 'ATM-001',
  });
  const verify = (request: PinVerification, turn = 0) => replica(turn).pins.verify(request);
  const manyAtOnce = (customer: number, pin: string) =>
    Promise.all(Array.from({ length: 50 }, (_, index) => verify(attempt(customer, pin), index)));
  const attemptsOf = (customer: number) =>
    host.sql<{ outcome: string }>('SELECT outcome FROM pin_attempt WHERE card_token = $1', [
      aWithdrawal(customer).cardToken,
    ]);

  it('answers with the account and its balances, and never with the number', async () => {
    expect(await verify(attempt(1, '1234'))).toMatchObject({
      outcome: 'verified',
      maskedNumber: '400000******0001',
      balances: { accountId: 'ACC-0001', available: '100000000' },
    });
  });

  it('verifies fifty right ones at once over four replicas', async () => {
    const outcomes = await manyAtOnce(2, '1234');
    expect(outcomes.map((one) => one.outcome)).toEqual(Array.from({ length: 50 }, () => 'verified'));
  }, 20_000);

  it('judges three of fifty wrong ones at once over four replicas, and blocks the card', async () => {
    const outcomes = (await manyAtOnce(3, '9999')).map((one) => one.outcome);
    expect(outcomes.filter((outcome) => outcome === 'wrong-pin')).toHaveLength(3);
    expect(outcomes.filter((outcome) => outcome === 'card-blocked')).toHaveLength(47);
    expect(await attemptsOf(3)).toHaveLength(3);
    expect(await verify(attempt(3, '1234'))).toEqual({ outcome: 'card-blocked' });
  }, 20_000);

  it('counts down, and gives all tries back for a right PIN', async () => {
    expect(await verify(attempt(4, '0000'), 0)).toEqual({ outcome: 'wrong-pin', triesLeft: 2 });
    expect(await verify(attempt(4, '0000'), 1)).toEqual({ outcome: 'wrong-pin', triesLeft: 1 });
    expect(await verify(attempt(4, '1234'), 2)).toMatchObject({ outcome: 'verified' });
    expect(await verify(attempt(4, '0000'), 3)).toEqual({ outcome: 'wrong-pin', triesLeft: 2 });
  });

  it('answers a repeat like the first, without another try, and without looking at its PIN', async () => {
    const wrong = attempt(5, '0000');
    expect(await verify(wrong, 0)).toEqual({ outcome: 'wrong-pin', triesLeft: 2 });
    expect(await verify({ ...wrong, pin: '1234' }, 1)).toEqual({ outcome: 'wrong-pin', triesLeft: 2 });
    expect(await attemptsOf(5)).toHaveLength(1);
  });

  it('keeps one outcome for one attempt, however many PINs are tried under its id at once', async () => {
    const { attemptId } = attempt(6, '');
    const pins = ['0000', '1111', '2222', '1234', '3333', '4444', '5555', '6666'];
    const outcomes = await Promise.all(pins.map((pin, index) => verify({ ...attempt(6, pin), attemptId }, index)));
    expect(new Set(outcomes.map((one) => one.outcome)).size).toBe(1);
    expect(await attemptsOf(6)).toHaveLength(1);
  });

  it('goes on with an attempt whose replica died before it was judged, without another try', async () => {
    const request = attempt(7, '1234');
    const { cardToken } = aWithdrawal(7);
    await replica(0).attempts.open({ attemptId: request.attemptId, cardToken, terminalId: 'ATM-001' });
    expect(await verify(request, 1)).toMatchObject({ outcome: 'verified' });
    expect(await attemptsOf(7)).toEqual([{ outcome: 'verified' }]);
  });

  it('loses the try of an attempt that is never taken up again', async () => {
    const { cardToken } = aWithdrawal(8);
    for (let lost = 0; lost < 3; lost++)
      await replica(0).attempts.open({ attemptId: randomUUID(), cardToken, terminalId: 'ATM-001' });
    await host.sql(`UPDATE pin_attempt SET attempted_at = now() - interval '1 minute' WHERE card_token = $1`, [
      cardToken,
    ]);
    expect(await verify(attempt(8, '1234'))).toEqual({ outcome: 'card-blocked' });
  });

  it('refuses unknown and blocked cards, and an attempt id of another card', async () => {
    expect(await verify(attempt(101, '1234'))).toEqual({ outcome: 'unknown-card' });
    expect(await verify(attempt(100, '1234'))).toEqual({ outcome: 'card-blocked' });
    const first = attempt(9, '1234');
    await verify(first);
    await expect(verify({ ...first, cardNumber: cardNumberOf(10) })).rejects.toMatchObject({ kind: 'key-reused' });
  });

  it('stores neither a card number nor a PIN', async () => {
    const rows = await host.sql('SELECT row_to_json(card)::text AS row FROM card');
    expect(rows).toHaveLength(100);
    for (const { row } of rows) expect(row).not.toMatch(/400000100000|1234/);
  });
});
