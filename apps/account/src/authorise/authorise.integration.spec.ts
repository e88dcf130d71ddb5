import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  authorisationOf,
  aWithdrawal,
  completionOf,
  deliver,
  openTestHost,
  reversalOf,
  type TestHost,
} from '../testing/test-host.js';

describe('authorisations', () => {
  let host: TestHost;
  beforeAll(async () => {
    host = await openTestHost();
  });
  afterAll(() => host.close());

  it('of 10.00 on 50.00, fifty at once over three replicas: five holds, forty-five declined with 51', async () => {
    const replica = host.replicas(3);
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, index) =>
        replica(index).authorisations.authorise(authorisationOf(aWithdrawal(99), 1_000)),
      ),
    );
    const codes = answers.map((answer) => answer.responseCode);
    expect(codes.filter((code) => code === '00')).toHaveLength(5);
    expect(codes.filter((code) => code === '51')).toHaveLength(45);
    expect(await host.replica().balances.read('ACC-0099')).toMatchObject({
      ledger: '5000',
      held: '5000',
      available: '0',
    });
  });

  it('repeated at once over three replicas place one hold and answer alike', async () => {
    const replica = host.replicas(3);
    const request = authorisationOf(aWithdrawal(2), 20_000);
    const answers = await Promise.all(
      Array.from({ length: 12 }, (_, index) => replica(index).authorisations.authorise(request)),
    );
    for (const answer of answers)
      expect(answer).toMatchObject({
        approved: true,
        responseCode: '00',
        balances: { held: '20000', available: '99980000' },
      });
  });

  it('with an id that belongs to another account are refused with 12, in whatever order they meet', async () => {
    const replica = host.replicas(2);
    const first = aWithdrawal(3);
    const second = { ...aWithdrawal(4), withdrawalId: first.withdrawalId };
    const answers = await Promise.all([
      replica(0).authorisations.authorise(authorisationOf(first, 100)),
      replica(1).authorisations.authorise(authorisationOf(second, 100)),
    ]);
    expect(answers.map((answer) => answer.responseCode).sort()).toEqual(['00', '12']);
  });

  it('that come after their reversal or their completion are refused', async () => {
    const { advices, authorisations } = host.replica();
    const reversed = aWithdrawal(5);
    const completed = aWithdrawal(5);
    await deliver(host, 'reversal-advice', advices.reverse.bind(advices), [reversalOf(reversed)]);
    await deliver(host, 'completion-advice', advices.complete.bind(advices), [completionOf(completed, 100)]);
    for (const withdrawal of [reversed, completed])
      expect(await authorisations.authorise(authorisationOf(withdrawal, 100))).toMatchObject({
        approved: false,
        responseCode: '12',
        balances: { held: '0' },
      });
  });

  it('on limited and blocked cards are declined with 61 and 62', async () => {
    const { authorisations } = host.replica();
    const codeOf = async (customer: number, amount: number) =>
      (await authorisations.authorise(authorisationOf(aWithdrawal(customer), amount))).responseCode;
    expect(await codeOf(91, 30_000)).toBe('00');
    expect(await codeOf(91, 30_000)).toBe('61');
    expect(await codeOf(91, 20_000)).toBe('00');
    expect(await codeOf(100, 1_000)).toBe('62');
  });

  it('of an account that does not exist are not found, and their neighbours in the batch are not harmed', async () => {
    const { authorisations } = host.replica();
    const [unknown, known] = await Promise.allSettled([
      authorisations.authorise({ ...authorisationOf(aWithdrawal(6), 100), accountId: 'ACC-9999' }),
      authorisations.authorise(authorisationOf(aWithdrawal(6), 100)),
    ]);
    expect(unknown).toMatchObject({ status: 'rejected', reason: { kind: 'not-found' } });
    expect(known).toMatchObject({ status: 'fulfilled', value: { approved: true } });
  });
});
