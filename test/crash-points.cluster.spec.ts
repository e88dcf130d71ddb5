import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Bank, granted, OPENING, sessionOf } from './cluster/bank.js';
import { eventually } from './cluster/eventually.js';

const AMOUNT = 4000;

/** Every named point on the money's way, with the replica that dies there. */
const POINTS: readonly (readonly [point: string, replica: string])[] = [
  ['terminal.session-opened', 'atm-terminal-1'],
  ['terminal.before-hold', 'atm-terminal-2'],
  ['account.before-hold', 'account-a-1'],
  ['account.after-hold', 'account-a-2'],
  ['terminal.after-hold', 'atm-terminal-1'],
  ['terminal.after-intent', 'atm-terminal-2'],
  ['terminal.after-dispense', 'atm-terminal-1'],
  ['terminal.after-outcome', 'atm-terminal-2'],
  ['relay.before-add', 'atm-terminal-1'],
  ['relay.after-add', 'atm-terminal-2'],
  ['account.before-post', 'account-a-3'],
  ['inbox.before-commit', 'account-a-1'],
  ['inbox.after-commit', 'account-a-2'],
  ['terminal.after-answer', 'atm-terminal-1'],
];

/**
 * Goal: wherever a replica dies between card and ledger, cash comes out once and is posted once. Method: a replica is armed to kill itself at the
 * point; people take cash until it has died there; then every withdrawal must be settled for what was dispensed.
 */
describe('a replica killed at each point of the money’s way', () => {
  let bank: Bank;
  const taken = new Map<number, number>();
  beforeAll(async () => {
    bank = await Bank.open({ environment: { RECOVERY_AFTER_MS: '3000' } });
  }, 60_000);
  afterAll(() => bank?.close(), 30_000);

  /** Eight people at once take cash in one call; answers once all have it, and it is on the books. */
  async function takeCash(): Promise<void> {
    const people = Array.from({ length: 8 }, (_, index) => index + 1);
    await Promise.all(
      people.map(async (card) => {
        const atm = bank.atm(card);
        const session = await sessionOf(atm, card);
        const { withdrawalId } = granted(await atm.withdraw(session, AMOUNT));
        const ended = granted(await atm.untilEnded(session, withdrawalId));
        expect(ended).toMatchObject({ state: 'settled', amount: AMOUNT });
        taken.set(card, (taken.get(card) ?? 0) + AMOUNT);
      }),
    );
  }

  it.each(POINTS)(
    '%s',
    async (point, replica) => {
      const before = await bank.pidOf(replica);
      await bank.arm({ replica, point, action: 'kill' });
      await eventually(
        `${replica} dies at ${point}`,
        async () => {
          await takeCash();
          return (await bank.pidOf(replica)) !== before;
        },
        40_000,
      );
      await bank.untilUp();
      const audit = await bank.auditWhenQuiet();
      expect(audit.checks.filter(({ ok }) => !ok)).toEqual([]);
      for (const [card, amount] of taken) {
        expect(await bank.account(card)).toMatchObject({ ledger: OPENING - amount, held: 0 });
      }
    },
    90_000,
  );

  it('nobody asks again: a withdrawal left behind before the hold is reversed, one left behind after the intent is dispensed or reversed', async () => {
    for (const point of [
      'terminal.before-hold',
      'terminal.after-hold',
      'terminal.after-intent',
      'terminal.after-dispense',
    ]) {
      await bank.untilUp();
      await bank.cluster.kill('atm-terminal-2');
      await bank.arm({ replica: 'atm-terminal-1', point, action: 'kill' });
      const session = await sessionOf(bank.atm(20), 20);
      const before = (await bank.account(20)).ledger;
      const selected = granted(await bank.atm(20).withdraw(session));
      // A client that hangs up: nobody drives this withdrawal any more when its replica dies.
      const hangUp = new AbortController();
      const path = `${bank.gateways[0]}/v1/withdrawals/${selected.withdrawalId}/amount`;
      const pid = await bank.pidOf('atm-terminal-1');
      const call = fetch(path, {
        method: 'PUT',
        headers: { authorization: `Bearer ${session.token}`, 'content-type': 'application/json' },
        body: JSON.stringify({ amount: AMOUNT }),
        signal: hangUp.signal,
      }).catch(() => null);
      await eventually(`atm-terminal-1 dies at ${point}`, async () => (await bank.pidOf('atm-terminal-1')) !== pid);
      hangUp.abort();
      await call;
      await bank.cluster.start('atm-terminal-2');
      const ended = granted(await bank.atm(20).untilEnded(session, selected.withdrawalId));
      const fell = before - (await bank.account(20)).ledger;
      if (ended.state === 'settled') expect(fell).toBe(AMOUNT);
      else expect([ended.state, fell]).toEqual(['reversed', 0]);
      if (point === 'terminal.after-dispense') expect(ended.state).toBe('settled');
    }
    const audit = await bank.auditWhenQuiet();
    expect(audit.checks.filter(({ ok }) => !ok)).toEqual([]);
  }, 120_000);

  it.each([
    ['part', 'settled'],
    ['none', 'reversed'],
    ['retract', 'reversed'],
    ['unknown', 'suspense'],
  ])(
    'the dispenser gives %s: the withdrawal ends %s, and every note is accounted for',
    async (action, state) => {
      await bank.untilUp();
      const before = (await bank.account(30)).ledger;
      for (const replica of ['atm-terminal-1', 'atm-terminal-2']) {
        await bank.arm({ replica, point: 'dispenser.outcome', action });
      }
      const atm = bank.atm(30);
      const session = await sessionOf(atm, 30);
      const { withdrawalId } = granted(await atm.withdraw(session, 26_000));
      const ended = granted(await atm.untilEnded(session, withdrawalId));
      expect(ended.state).toBe(state);
      const dispensed = ended.dispensed.reduce((sum, { denomination, count }) => sum + denomination * count, 0);
      expect(dispensed > 0 && dispensed < 26_000).toBe(action === 'part');
      const audit = await bank.auditWhenQuiet();
      expect(audit.checks.filter(({ ok }) => !ok)).toEqual([]);
      expect(before - (await bank.account(30)).ledger).toBe(dispensed);
      // The other replica is still armed: spend its fault on a withdrawal whose outcome is the same.
      const again = granted(await atm.withdraw(session, 26_000));
      await atm.untilEnded(session, again.withdrawalId);
    },
    60_000,
  );
});
