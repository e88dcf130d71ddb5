import { expect, it } from '@jest/globals';
import type { Bank } from '../cluster/bank.js';
import { booksAreRight } from '../cluster/books.js';
import { startLoad } from '../cluster/virtual-atms.js';

/** Goal: whatever replica dies, and however few are left, no client notices and every balance is right. Method: SIGKILL under load. */
export function replicasKilled(bank: () => Bank): void {
  it('no call of 20 ATMs fails while every replica is killed, and the books equal the receipts', async () => {
    const { cluster, terminals, accounts, brokers } = bank();
    const groups = [terminals, ...brokers.map((broker) => accounts.filter((name) => name.startsWith(`${broker}-`)))];
    const load = startLoad(bank(), bank().customers(20));
    await load.more(40);
    for (const turn of [...Array(Math.max(...groups.map(({ length }) => length))).keys()]) {
      const names = groups.flatMap((group) => group[turn] ?? []);
      const back: Promise<void>[] = [];
      for (const name of names) {
        await cluster.kill(name);
        await load.more(30);
        // It comes back while the next one, of another group, is killed.
        back.push(cluster.start(name));
      }
      await Promise.all(back);
    }
    // All but one of each, then the other ones.
    for (const survivor of [0, -1]) {
      const victims = groups.flatMap((names) => names.filter((name) => name !== names.at(survivor)));
      await bank().kill(victims);
      await load.more(30);
      await bank().start(victims);
    }
    // A gateway as well: the ATMs know the other one.
    await cluster.kill('gateway-1');
    await load.more(30);
    await cluster.start('gateway-1');

    const { receipts, failures } = await load.stop();
    expect(failures).toEqual([]);
    expect(receipts.filter(({ state }) => state !== 'dispensed' && state !== 'settled')).toEqual([]);
    expect(receipts.filter(({ amount, dispensed }) => amount !== dispensed)).toEqual([]);
    await booksAreRight(bank(), receipts);
  }, 180_000);
}
