import { beforeAll, expect, it } from '@jest/globals';
import type { Answer } from '../../tools/atm/atm.js';
import { cardNumber, granted, OPENING, PIN, sessionOf } from '../../tools/atm/demo-customers.js';
import type { Bank } from '../cluster/bank.js';
import { booksAreRight } from '../cluster/books.js';
import { eventually } from '../../tools/eventually.js';

const AMOUNT = 4000;

/** Every named point on the money's way, with the app whose replicas die there, another one each time. */
export const POINTS = [
  ['terminal.session-opened', 'terminals'],
  ['terminal.before-hold', 'terminals'],
  ['account.before-hold', 'accounts'],
  ['account.after-hold', 'accounts'],
  ['terminal.after-hold', 'terminals'],
  ['terminal.after-intent', 'terminals'],
  ['terminal.after-dispense', 'terminals'],
  ['terminal.after-outcome', 'terminals'],
  ['relay.before-add', 'terminals'],
  ['relay.after-add', 'terminals'],
  ['account.before-post', 'accounts'],
  ['inbox.before-commit', 'accounts'],
  ['inbox.after-commit', 'accounts'],
  ['terminal.after-answer', 'terminals'],
] as const;
type Point = (typeof POINTS)[number];

/** Where a client that hangs up leaves its withdrawal to nobody. */
const ABANDONED_AT = [
  'terminal.before-hold',
  'terminal.after-hold',
  'terminal.after-intent',
  'terminal.after-dispense',
];

/** What a bank needs, so that a withdrawal that nobody drives is soon looked at. */
export const CRASH_ENVIRONMENT = { RECOVERY_AFTER_MS: '3000' };

/**
 * Goal: wherever a replica dies between card and ledger, cash comes out once and is posted once. Method: a replica is armed to kill itself at the
 * point; people take cash until it has died there; then every withdrawal must be settled for what was dispensed, or cleanly reversed.
 */
export function crashPoints(bank: () => Bank, points: readonly Point[] = POINTS, abandonedAt = ABANDONED_AT): void {
  const taken = new Map<number, number>();
  let unlucky = 0;
  beforeAll(() => {
    for (const customer of bank().customers(8)) taken.set(customer, 0);
    unlucky = bank().customer(bank().brokers.at(-1));
  });

  /** Eight people at once take cash in one call; answers once all have it, and it is on the books. */
  async function takeCash(): Promise<void> {
    await Promise.all(
      [...taken.keys()].map(async (customer) => {
        const atm = bank().atm(customer);
        const session = await served(() => atm.openSession(cardNumber(customer), PIN));
        const { withdrawalId } = await served(() => atm.withdraw(session, AMOUNT));
        const ended = granted(await atm.untilEnded(session, withdrawalId));
        // On a slow machine nobody may have asked again in time.
        expect(['settled', 'reversed']).toContain(ended.state);
        const dispensed = ended.dispensed.reduce((sum, { denomination, count }) => sum + denomination * count, 0);
        expect(dispensed).toBe(ended.state === 'settled' ? AMOUNT : 0);
        taken.set(customer, (taken.get(customer) ?? 0) + dispensed);
      }),
    );
  }

  /** Where the only replica left is slow, a customer may be refused without harm, and tries again. */
  const served = async <Body>(call: () => Promise<Answer<Body>>): Promise<Body> =>
    granted(
      await eventually('an answer of the bank', async () => {
        const answer = await call();
        return answer.status !== 503 && answer;
      }),
    );

  it.each(points.map(([point, app], index) => ({ point, app, index })))(
    'a replica killed at $point',
    async ({ point, app, index }) => {
      const replicas = bank()[app];
      const replica = replicas[index % replicas.length]!;
      const before = await bank().pidOf(replica);
      await bank().arm({ replica, point, action: 'kill' });
      await eventually(
        `${replica} dies at ${point}`,
        async () => {
          await takeCash();
          return (await bank().pidOf(replica)) !== before;
        },
        40_000,
      );
      await bank().untilUp();
      await booksAreRight(bank());
      for (const [customer, amount] of taken) {
        expect(await bank().account(customer)).toMatchObject({ ledger: OPENING - amount, held: 0 });
      }
    },
    90_000,
  );

  it('nobody asks again: a withdrawal left behind before its dispenser was commanded is reversed, one left behind after that is settled', async () => {
    const [dying, other] = bank().terminals as [string, string];
    for (const point of abandonedAt) {
      await bank().untilUp();
      await bank().cluster.kill(other);
      await bank().arm({ replica: dying, point, action: 'kill' });
      const session = await sessionOf(bank().atm(), unlucky);
      const before = (await bank().account(unlucky)).ledger;
      const selected = granted(await bank().atm().withdraw(session));
      // A client that hangs up: nobody drives this withdrawal any more when its replica dies.
      const hangUp = new AbortController();
      const path = `${bank().gateways[0]}/v1/withdrawals/${selected.withdrawalId}/amount`;
      const pid = await bank().pidOf(dying);
      const call = fetch(path, {
        method: 'PUT',
        headers: { authorization: `Bearer ${session.token}`, 'content-type': 'application/json' },
        body: JSON.stringify({ amount: AMOUNT }),
        signal: hangUp.signal,
      }).catch(() => null);
      await eventually(`${dying} dies at ${point}`, async () => (await bank().pidOf(dying)) !== pid);
      hangUp.abort();
      await call;
      await bank().cluster.start(other);
      const ended = granted(await bank().atm().untilEnded(session, selected.withdrawalId));
      const fell = before - (await bank().account(unlucky)).ledger;
      if (ended.state === 'settled') expect(fell).toBe(AMOUNT);
      else expect([ended.state, fell]).toEqual(['reversed', 0]);
      if (point === 'terminal.after-dispense') expect(ended.state).toBe('settled');
    }
    await booksAreRight(bank());
  }, 120_000);

  it.each([
    ['part', 'settled'],
    ['none', 'reversed'],
    ['retract', 'reversed'],
    ['unknown', 'suspense'],
  ])(
    'the dispenser gives %s: the withdrawal ends %s, and every note is accounted for',
    async (action, state) => {
      await bank().untilUp();
      const before = (await bank().account(unlucky)).ledger;
      for (const replica of bank().terminals) await bank().arm({ replica, point: 'dispenser.outcome', action });
      const atm = bank().atm();
      const session = await sessionOf(atm, unlucky);
      const { withdrawalId } = granted(await atm.withdraw(session, 26_000));
      const ended = granted(await atm.untilEnded(session, withdrawalId));
      await bank().disarm(bank().terminals, 'dispenser.outcome');
      expect(ended.state).toBe(state);
      const dispensed = ended.dispensed.reduce((sum, { denomination, count }) => sum + denomination * count, 0);
      expect(dispensed > 0 && dispensed < 26_000).toBe(action === 'part');
      await booksAreRight(bank());
      expect(before - (await bank().account(unlucky)).ledger).toBe(dispensed);
    },
    60_000,
  );
}
