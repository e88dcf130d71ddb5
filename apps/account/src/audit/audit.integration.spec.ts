import { createHash, randomUUID } from 'node:crypto';
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
} from '../testing/test-host.js';

/** The digest's formula, written a second time, as the other side of the audit might have it. */
const hashOf = (members: readonly (readonly [string, number])[]): string =>
  members
    .map(([id, amount]) => BigInt(`0x${createHash('md5').update(`${id}:${amount}`).digest('hex').slice(0, 15)}`))
    .reduce((sum, value) => sum + value, 0n)
    .toString();

describe('the audit', () => {
  let host: TestHost;
  const taken = [aWithdrawal(1), aWithdrawal(91), aWithdrawal(99)] as const;
  const open = aWithdrawal(2);
  const suspended = aWithdrawal(3);
  const paidIn = depositOf(4, 700);
  const now = { asOf: '2026-03-01T12:00:00.000Z', inFlight: [] };

  beforeAll(async () => {
    host = await openTestHost();
    const { authorisations, advices, transfers } = host.replica();
    for (const withdrawal of [...taken, open, suspended])
      await authorisations.authorise(authorisationOf(withdrawal, 10_000));
    await deliver(
      host,
      'completion-advice',
      advices.complete.bind(advices),
      taken.map((withdrawal) => completionOf(withdrawal, 6_000, 4_000)),
    );
    await deliver(host, 'suspense-advice', advices.suspend.bind(advices), [suspenseOf(suspended, 10_000)]);
    await deliver(host, 'reversal-advice', advices.reverse.bind(advices), [reversalOf(aWithdrawal(5), 500)]);
    await deliver(host, 'deposit-advice', advices.deposit.bind(advices), [paidIn]);
    const { requestedAt, rrn } = open;
    const head = { fromAccountId: 'ACC-0007', toAccountId: 'ACC-0008', toBroker: 'account-a', rrn, requestedAt };
    await transfers.transfer({ ...head, transferId: randomUUID(), amount: '100' });
    await transfers.transfer({ ...head, transferId: randomUUID(), amount: '999999999' });
    await transfers.transfer({ ...head, toBroker: 'account-b', transferId: randomUUID(), amount: '300' });
  });
  afterAll(() => host.close());

  const redChecks = async () =>
    (await host.audit.audit(now)).checks.filter(({ ok }) => !ok).map(({ name }) => name.split(',')[0]);

  it('is green after all kinds of postings, and sums them up', async () => {
    const { checks, withdrawals, deposits, cash, strayHolds } = await host.audit.audit(now);
    expect(checks.filter(({ ok }) => !ok)).toEqual([]);
    expect(checks.length).toBeGreaterThanOrEqual(10);
    expect(withdrawals).toEqual({
      count: 3,
      amount: '18000',
      hash: hashOf(taken.map(({ withdrawalId }) => [withdrawalId, 6_000])),
    });
    expect(deposits).toEqual({ count: 1, amount: '700', hash: hashOf([[paidIn.body.depositId, 700]]) });
    expect(cash).toEqual([
      {
        terminalId: 'ATM-001',
        atmCash: '40500',
        taken: '18000',
        unauthorised: '6000',
        bins: '12500',
        suspense: '10000',
        deposited: '700',
      },
    ]);
    expect(strayHolds).toBe(1);
  });

  it('leaves out what is in flight, and what was requested later', async () => {
    const inFlight = [open.withdrawalId, taken[0].withdrawalId, paidIn.body.depositId];
    const flying = await host.audit.audit({ ...now, inFlight });
    expect(flying.withdrawals).toMatchObject({ count: 2, amount: '12000' });
    expect(flying.deposits).toEqual({ count: 0, amount: '0', hash: '0' });
    expect(flying.cash).toMatchObject([{ taken: '12000', deposited: '0' }]);
    expect(flying.strayHolds).toBe(0);
    const earlier = await host.audit.audit({ asOf: '2026-03-01T09:00:00.000Z', inFlight: [] });
    expect(earlier).toMatchObject({ withdrawals: { count: 0 }, cash: [], strayHolds: 0 });
  });

  it.each([
    [
      'every entry has lines',
      `UPDATE ledger_line SET amount = amount + 1 WHERE ledger_account_id = 'atm-cash:ATM-001'`,
    ],
    [
      'every line is in the currency of its entry',
      `UPDATE ledger_account SET currency = 'USD' WHERE kind = 'atm-cash'`,
    ],
    [
      'account balance = sum of its lines',
      `UPDATE account SET ledger_balance = ledger_balance + 1 WHERE account_id = 'ACC-0001'`,
    ],
    [
      'every balance on a statement = the one before + the amount',
      `UPDATE ledger_line SET balance_after = 1 WHERE ledger_account_id = 'ACC-0001'`,
    ],
    ['held = sum of the open holds', `UPDATE account SET held = 0 WHERE account_id = 'ACC-0002'`],
    [
      'available is not below the limit but by recorded force',
      `UPDATE account SET forced = 0 WHERE account_id = 'ACC-0099'`,
    ],
    ['a hold resolves once', `UPDATE authorisation SET taken = 1 WHERE state = 'completed'`],
    [
      'what stands in suspense = open suspense of the authorisations',
      `UPDATE authorisation SET suspense = 1 WHERE suspense > 0`,
    ],
    [
      'every effect of an advice has its message',
      `DELETE FROM messaging.processed_message WHERE type = 'deposit-advice'`,
    ],
    [
      'every processed advice has its effect',
      `UPDATE messaging.processed_message SET answer = jsonb_set(answer, '{entryId}', to_jsonb(gen_random_uuid())) WHERE type = 'deposit-advice'`,
    ],
    ['a transfer to another broker stands in clearing with it', `UPDATE transfer SET amount = 301 WHERE amount = 300`],
    ['a posted transfer has its entry', `DELETE FROM transfer`],
    ['daily usage of a limited card = held and taken on its date', `UPDATE card SET spent = 0 WHERE spent > 0`],
  ])('turns red when it is tampered with: %s', async (name, tampering) => {
    await withTampering(tampering, async () => {
      expect(await redChecks()).toContain(name);
    });
    expect(await redChecks()).toEqual([]);
  });

  it('does not miss the messages of effects that the inbox has forgotten', async () => {
    await withTampering(`DELETE FROM messaging.processed_message WHERE type = 'deposit-advice'`, async () => {
      const watermark = (before: string) =>
        host.sql(`INSERT INTO messaging.retention (from_broker, pruned_before) VALUES ('terminal', ${before})
                  ON CONFLICT (from_broker) DO UPDATE SET pruned_before = excluded.pruned_before`);
      await watermark(`now() - interval '1 day'`);
      expect(await redChecks()).toContain('every effect of an advice has its message');
      await watermark('now()');
      expect(await redChecks()).toEqual([]);
      await watermark(`'-infinity'`);
    });
  });

  it('counts a message as parked once it is given up, and not while it is tried again', async () => {
    const park = (nextAttempt: string) =>
      host.sql(`INSERT INTO messaging.parked_message (message_id, dialog_id, sequence, envelope, reason, next_attempt_at)
                VALUES (gen_random_uuid(), gen_random_uuid(), 1, '{}', 'failed', ${nextAttempt})`);
    const parked = async () => (await host.audit.audit(now)).parkedMessages;
    await park(`now() + interval '1 second'`);
    expect(await parked()).toBe(0);
    await park('NULL');
    expect(await parked()).toBe(1);
    await host.sql('DELETE FROM messaging.parked_message');
  });

  /** Tables as they were are put back afterwards, so that each case stands alone. */
  async function withTampering(tampering: string, work: () => Promise<void>): Promise<void> {
    const tables = [
      'account',
      'ledger_account',
      'ledger_line',
      'authorisation',
      'transfer',
      'card',
      'messaging.processed_message',
    ];
    await host.sql('ALTER TABLE account DROP CONSTRAINT IF EXISTS account_available');
    const run = (statements: readonly string[]) =>
      host.sql(
        `DO $$ BEGIN
           SET LOCAL session_replication_role = replica;
           ${statements.join(';\n')};
         END $$`,
      );
    await host.sql('CREATE SCHEMA kept');
    for (const table of tables)
      await host.sql(`CREATE TABLE kept.${table.replace('.', '_')} AS SELECT * FROM ${table}`);
    await run([tampering]);
    try {
      await work();
    } finally {
      for (const table of tables) {
        const columns = await host.sql<{ name: string }>(
          `SELECT attname AS name FROM pg_attribute WHERE attrelid = '${table}'::regclass AND attnum > 0 AND attgenerated = ''`,
        );
        const names = columns.map(({ name }) => name).join(', ');
        await run([
          `DELETE FROM ${table}`,
          `INSERT INTO ${table} (${names}) OVERRIDING SYSTEM VALUE SELECT ${names} FROM kept.${table.replace('.', '_')}`,
        ]);
      }
      await host.sql('DROP SCHEMA kept CASCADE');
    }
  }
});
