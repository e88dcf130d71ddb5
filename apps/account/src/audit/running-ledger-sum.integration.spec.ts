import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import {
  authorisationOf,
  aWithdrawal,
  completionOf,
  deliver,
  openTestHost,
  type TestHost,
} from '../testing/test-host.js';
import { eventually } from '../../../../tools/eventually.js';
import { RunningLedgerSum } from './running-ledger-sum.js';

/** A line that balances nothing, slipped past the triggers. */
const FORGE = `INSERT INTO ledger_line (entry_id, line_no, ledger_account_id, amount)
               SELECT entry_id, 99, 'opening', 777 FROM ledger_entry LIMIT 1`;

describe('the running sum of the ledger', () => {
  let host: TestHost;
  let now: number;
  beforeEach(async () => {
    host = await openTestHost();
    now = 0;
    jest.spyOn(performance, 'now').mockImplementation(() => now);
  });
  afterEach(async () => {
    jest.restoreAllMocks();
    await host.close();
  });

  async function takeCash(customer: number): Promise<void> {
    const { authorisations, advices } = host.replica();
    const withdrawal = aWithdrawal(customer);
    await authorisations.authorise(authorisationOf(withdrawal, 6_000));
    await deliver(host, 'completion-advice', advices.complete.bind(advices), [completionOf(withdrawal, 6_000)]);
  }

  const withoutTriggers = async (sql: string) => {
    await host.sql('ALTER TABLE ledger_line DISABLE TRIGGER USER');
    await host.sql(sql);
    await host.sql('ALTER TABLE ledger_line ENABLE TRIGGER USER');
  };

  /** Lines settle only then. Transactions of other tests on the same server count as well. */
  async function untilAllTransactionsOfNowAreOver(): Promise<void> {
    const [row] = await host.sql<{ next: string }>('SELECT pg_snapshot_xmax(pg_current_snapshot())::text AS next');
    const areOver = `SELECT pg_snapshot_xmin(pg_current_snapshot()) >= '${row?.next}'::xid8 AS over`;
    await eventually(
      'transactions are over',
      async () => (await host.sql<{ over: boolean }>(areOver))[0]?.over === true,
    );
  }

  it('is zero, beside what customers have and what is held', async () => {
    const sum = new RunningLedgerSum(host.database);
    const before = await sum.read();
    expect(before).toMatchObject({ ledger: '0', held: '0' });
    await takeCash(1);
    await host.replica().authorisations.authorise(authorisationOf(aWithdrawal(2), 5_000));
    const customers = String(BigInt(before.customers) - 6_000n);
    expect(await sum.read()).toEqual({ ledger: '0', customers, held: '5000' });
  });

  it('shows a line that balances nothing', async () => {
    const sum = new RunningLedgerSum(host.database);
    await sum.read();
    await withoutTriggers(FORGE);
    expect((await sum.read()).ledger).toBe('777');
  });

  it('keeps what is settled, and sees what was drawn early and written late', async () => {
    const sum = new RunningLedgerSum(host.database);
    await sum.read();
    // A number below those that are already there, as a transaction writes it that drew it long ago.
    const [row] = await host.sql<{ drawn: string }>(`SELECT nextval('ledger_line_posted_no_seq') AS drawn`);
    await takeCash(1);
    await sum.read();
    const late = FORGE.replace('amount)', 'amount, posted_no) OVERRIDING SYSTEM VALUE').replace(
      '777',
      `777, ${row?.drawn}`,
    );
    await withoutTriggers(late);
    expect((await sum.read()).ledger).toBe('777');
    now += 20_000;
    await untilAllTransactionsOfNowAreOver();
    await sum.read();
    await sum.read();
    now += 20_000;
    await untilAllTransactionsOfNowAreOver();
    await sum.read();
    await takeCash(2);
    expect((await sum.read()).ledger).toBe('777');
    // Settled: it is not read again, whatever becomes of it.
    await withoutTriggers(`DELETE FROM ledger_line WHERE line_no = 99`);
    expect((await sum.read()).ledger).toBe('777');
    expect((await new RunningLedgerSum(host.database).read()).ledger).toBe('0');
  });
});
