import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Bank } from './cluster/bank.js';
import { eventually } from './cluster/eventually.js';
import { differences, startLoad, type Load } from './cluster/virtual-atms.js';

const TERMINALS = ['atm-terminal-1', 'atm-terminal-2'];
const ACCOUNTS = ['account-a-1', 'account-a-2', 'account-a-3'];

/** Goal: whatever replica dies, and however few are left, no client notices and every balance is right. Method: SIGKILL under load. */
describe('replicas killed under the load of 20 ATMs', () => {
  let bank: Bank;
  beforeAll(async () => {
    bank = await Bank.open();
  }, 60_000);
  afterAll(() => bank?.close(), 30_000);

  const moreWithdrawals = (load: Load, more: number) => {
    const goal = load.count + more;
    return eventually(`${more} more withdrawals`, () => load.count >= goal, 30_000);
  };

  it('no call fails, and the books equal the receipts', async () => {
    const load = startLoad(bank, 20);
    await moreWithdrawals(load, 40);
    for (const name of [...TERMINALS, ...ACCOUNTS]) {
      await bank.cluster.kill(name);
      await moreWithdrawals(load, 30);
      await bank.cluster.start(name);
    }
    // All but one of each, then the other ones.
    for (const survivors of [
      ['atm-terminal-1', 'account-a-1'],
      ['atm-terminal-2', 'account-a-3'],
    ]) {
      const victims = [...TERMINALS, ...ACCOUNTS].filter((name) => !survivors.includes(name));
      await Promise.all(victims.map((name) => bank.cluster.kill(name)));
      await moreWithdrawals(load, 30);
      await Promise.all(victims.map((name) => bank.cluster.start(name)));
    }
    // A gateway as well: the ATMs know the other one.
    await bank.cluster.kill('gateway-1');
    await moreWithdrawals(load, 30);
    await bank.cluster.start('gateway-1');

    const { receipts, failures } = await load.stop();
    expect(failures).toEqual([]);
    expect(new Set(receipts.map(({ state }) => state === 'dispensed' || state === 'settled'))).toEqual(new Set([true]));
    expect(receipts.filter(({ amount, dispensed }) => amount !== dispensed)).toEqual([]);

    const audit = await bank.auditWhenQuiet();
    expect(audit.checks.filter(({ ok }) => !ok)).toEqual([]);
    expect(audit.balanced).toBe(true);
    expect(await differences(bank, receipts)).toEqual([]);
  }, 180_000);

  it('a process that dies by itself is started again', async () => {
    const before = await bank.pidOf('account-a-2');
    process.kill(before ?? 0, 'SIGKILL');
    await eventually('account-a-2 is back', async () => {
      const { replicas } = await bank.cluster.status();
      const member = replicas.find(({ name }) => name === 'account-a-2');
      return member?.state === 'up' && member.pid !== before;
    });
  }, 60_000);
});
