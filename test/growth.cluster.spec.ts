import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { writePast, writeUnanswered } from '../tools/bench/growth/filling.js';
import { Bank } from './cluster/bank.js';
import { startLoad } from './cluster/virtual-atms.js';

/** Goal: a bank that is measured with a long past is a bank that could be: its audit holds, and it goes on from there. */
describe('a bank with a past that was written into its tables', () => {
  let bank: Bank;
  beforeAll(async () => {
    bank = await Bank.open({ gateways: 1, terminals: 1, accounts: 1 });
  }, 60_000);
  afterAll(() => bank?.close(), 30_000);

  const filling = (withdrawals: number) => ({
    hostUrl: bank.cluster.databaseUrl('account_a'),
    terminalUrl: bank.cluster.databaseUrl('terminal'),
    broker: 'account-a',
    withdrawals,
  });
  const withdrawalsPosted = async () => {
    const { checks } = await bank.auditWhenQuiet();
    expect(checks.filter(({ ok }) => !ok)).toEqual([]);
    return checks.find(({ name }) => name.startsWith('withdrawals') && name.endsWith('number'))?.observed;
  };

  it('is balanced to the cent, with the balances as before, and stays so when people take cash', async () => {
    const before = await bank.account(1);
    const written = await writePast(filling(10_000));
    expect(written).toBeGreaterThanOrEqual(10_000);
    expect((await bank.account(1)).ledger).toBe(before.ledger);
    const load = startLoad(bank, bank.customers(4));
    await load.more(8);
    const { receipts, failures } = await load.stop();
    expect(failures).toEqual([]);
    expect(await withdrawalsPosted()).toBe(written + receipts.length);
  }, 120_000);

  it('posts what was unanswered when its broker comes back', async () => {
    const before = Number(await withdrawalsPosted());
    await bank.cluster.kill('account-a-1');
    const written = await writeUnanswered(filling(1_000));
    await bank.cluster.start('account-a-1');
    expect((await bank.audit()).inFlight).toBeGreaterThan(0);
    expect(await withdrawalsPosted()).toBe(before + written);
  }, 120_000);
});
