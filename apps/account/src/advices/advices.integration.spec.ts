import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  authorisationOf,
  aWithdrawal,
  completionOf,
  deliver,
  depositOf,
  openTestHost,
  reversalOf,
  suspenseOf,
  type TestHost,
  type TestReplica,
} from '../testing/test-host.js';

describe('advices', () => {
  let host: TestHost;
  let replica: TestReplica;
  beforeAll(async () => {
    host = await openTestHost();
    replica = host.replica();
  });
  afterAll(() => host.close());

  const complete = (...advices: ReturnType<typeof completionOf>[]) =>
    deliver(host, 'completion-advice', replica.advices.complete.bind(replica.advices), advices);
  const reverse = (...advices: ReturnType<typeof reversalOf>[]) =>
    deliver(host, 'reversal-advice', replica.advices.reverse.bind(replica.advices), advices);
  const suspend = (...advices: ReturnType<typeof suspenseOf>[]) =>
    deliver(host, 'suspense-advice', replica.advices.suspend.bind(replica.advices), advices);
  const deposit = (...advices: ReturnType<typeof depositOf>[]) =>
    deliver(host, 'deposit-advice', replica.advices.deposit.bind(replica.advices), advices);
  const entriesOf = (causeId: string) => host.sql('SELECT kind FROM ledger_entry WHERE cause_id = $1', [causeId]);

  it('of completion release the hold and post, a whole batch in one transaction', async () => {
    const withdrawals = Array.from({ length: 20 }, () => aWithdrawal(1));
    for (const withdrawal of withdrawals) await replica.authorisations.authorise(authorisationOf(withdrawal, 1_000));
    const answers = await complete(...withdrawals.map((withdrawal) => completionOf(withdrawal, 1_000)));
    expect(answers.at(-1)).toMatchObject({ balances: { ledger: '99980000', held: '0', available: '99980000' } });
    expect(new Set(answers.map(({ entryId }) => entryId)).size).toBe(20);
  });

  it('that come twice, in other messages, are posted once and answered alike', async () => {
    const withdrawal = aWithdrawal(2);
    await replica.authorisations.authorise(authorisationOf(withdrawal, 1_000));
    const [first] = await complete(completionOf(withdrawal, 1_000));
    const [second] = await complete(completionOf(withdrawal, 1_000));
    expect(second?.entryId).toBe(first?.entryId);
    expect(second?.balances).toMatchObject({ ledger: '99999000', held: '0' });
    const paidIn = depositOf(2, 5_000);
    const [once] = await deposit(paidIn);
    const [twice] = await deposit({ ...paidIn, messageId: aWithdrawal(2).withdrawalId });
    expect(twice).toMatchObject({ entryId: once?.entryId, balances: { ledger: '100004000' } });
    expect(await entriesOf(withdrawal.withdrawalId)).toEqual([{ kind: 'withdrawal' }]);
  });

  it('of a stand-in withdrawal are posted below the limit, and by how much is recorded', async () => {
    const [answer] = await complete(completionOf(aWithdrawal(99), 7_000));
    expect(answer?.balances).toMatchObject({ ledger: '-2000', available: '-2000' });
    expect(await host.sql(`SELECT forced FROM account WHERE account_id = 'ACC-0099'`)).toEqual([{ forced: '2000' }]);
  });

  it('of reversal release the hold; a completion afterwards changes nothing', async () => {
    const withdrawal = aWithdrawal(3);
    await replica.authorisations.authorise(authorisationOf(withdrawal, 1_000));
    const [reversed] = await reverse(reversalOf(withdrawal, 1_000));
    expect(reversed?.balances).toMatchObject({ ledger: '100000000', held: '0' });
    const [late] = await complete(completionOf(withdrawal, 1_000));
    expect(late).toMatchObject({ entryId: reversed?.entryId, balances: { ledger: '100000000' } });
    expect(await entriesOf(withdrawal.withdrawalId)).toEqual([{ kind: 'reversal' }]);
  });

  it('of suspense keep the hold until the case is resolved', async () => {
    const withdrawal = aWithdrawal(4);
    await replica.authorisations.authorise(authorisationOf(withdrawal, 1_000));
    const [suspended] = await suspend(suspenseOf(withdrawal, 1_000));
    expect(suspended?.balances).toMatchObject({ ledger: '100000000', held: '1000' });
    const [resolved] = await complete(completionOf(withdrawal, 600));
    expect(resolved?.balances).toMatchObject({ ledger: '99999400', held: '0' });
    const lines = await host.sql(
      `SELECT ledger_account_id AS account, sum(amount)::text AS amount FROM ledger_line JOIN ledger_entry USING (entry_id)
        WHERE cause_id = $1 GROUP BY 1 ORDER BY 1`,
      [withdrawal.withdrawalId],
    );
    expect(lines).toEqual([
      { account: 'ACC-0004', amount: '-600' },
      { account: 'atm-cash:ATM-001', amount: '600' },
      { account: 'suspense:ATM-001', amount: '0' },
    ]);
  });

  it('of an unknown account fail without a trace, and are to be delivered alone', async () => {
    const bad = completionOf({ ...aWithdrawal(5), accountId: 'ACC-9999' }, 100);
    const good = completionOf(aWithdrawal(5), 100);
    await expect(complete(good, bad)).rejects.toThrow(/unknown-account/);
    expect(await entriesOf(good.body.withdrawalId)).toEqual([]);
    expect(await complete(good)).toMatchObject([{ balances: { ledger: '99999900' } }]);
  });

  it('of two types in one transaction do not wait for an account while they hold another', async () => {
    const other = aSignal();
    const locked = aSignal();
    const holder = host.database.transaction(async (tx) => {
      await tx.query({ name: 'test-lock', text: `SELECT FROM account WHERE account_id = 'ACC-0020' FOR UPDATE` });
      locked.give();
      await other.given;
    });
    await locked.given;
    let attempts = 0;
    await host.database.transaction(async (tx) => {
      attempts++;
      if (attempts === 2) {
        other.give();
        await holder;
      }
      await replica.advices.complete([completionOf(aWithdrawal(21), 100)], tx);
      await replica.advices.deposit([depositOf(20, 100)], tx);
    });
    expect(attempts).toBe(2);
    expect(await replica.balances.read('ACC-0020')).toMatchObject({ ledger: '100000100' });
    expect(await replica.balances.read('ACC-0021')).toMatchObject({ ledger: '99999900' });
  });

  it('of several replicas at once, with authorisations of the same accounts, lose and double nothing', async () => {
    const replicaOf = host.replicas(3);
    await Promise.all(
      Array.from({ length: 60 }, async (_, index) => {
        const { advices, authorisations } = replicaOf(index);
        const withdrawal = aWithdrawal(10 + (index % 4));
        await authorisations.authorise(authorisationOf(withdrawal, 500));
        await deliver(host, 'completion-advice', advices.complete.bind(advices), [completionOf(withdrawal, 500)]);
      }),
    );
    const balances = await Promise.all([10, 11, 12, 13].map((customer) => replica.balances.read(`ACC-00${customer}`)));
    for (const balance of balances) expect(balance).toMatchObject({ ledger: '99992500', held: '0' });
  });
});

function aSignal() {
  let give: () => void = () => undefined;
  const given = new Promise<void>((resolve) => (give = resolve));
  return { given, give: () => give() };
}
