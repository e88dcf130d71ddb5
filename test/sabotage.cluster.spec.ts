import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { AuditBody } from '#contracts';
import { buildSabotaged } from '../tools/sabotage/build.js';
import { NOTHING_STAYS, SABOTAGES, type SabotageName } from '../tools/sabotage/sabotages.js';
import { granted, sessionOf } from '../tools/atm/demo-customers.js';
import { Bank } from './cluster/bank.js';
import { eventually } from '../tools/eventually.js';

/** The demo account that holds 50.00, and all of it. */
const POOR = 99;
const ALL_IT_HAS = 5000;

/** Long enough for everything that is in flight to be sent again several times. */
const DRAINED_MS_MAX = 12_000;

/** Faults that a bank must survive, each of them the one that a protection is for. */
const FAULTS = {
  /** Its source hears nothing and sends the message again. */
  'the host dies after it has applied a message': async (bank) => {
    await whileDying(bank, 'account-a-1', 'inbox.after-commit', () => takeCash(bank, 1));
  },
  'eight cash machines ask for the same balance at once': async (bank) => {
    const asking = Array.from({ length: 8 }, async (_, index) => {
      const atm = bank.atm(index + 1);
      return granted(await atm.withdraw(await sessionOf(atm, POOR), ALL_IT_HAS)).dispensed.length > 0;
    });
    await Promise.all(asking);
  },
  'a replica dies with the notes out, the gateway with it, and nobody asks again': async (bank) => {
    await bank.cluster.kill('atm-terminal-2');
    await whileDying(bank, 'atm-terminal-1', 'terminal.after-dispense', () => takeCashAndGo(bank, 2));
  },
  'a replica dies with a message that it was about to put on a channel': async (bank) => {
    await whileDying(bank, 'atm-terminal-1', 'relay.before-add', () => takeCash(bank, 3));
  },
} as const satisfies Readonly<Record<string, (bank: Bank) => Promise<void>>>;

type Fault = keyof typeof FAULTS;

const MATTERS: Readonly<Record<SabotageName, Fault>> = {
  'no-inbox': 'the host dies after it has applied a message',
  'no-hold': 'eight cash machines ask for the same balance at once',
  'no-intent': 'a replica dies with the notes out, the gateway with it, and nobody asks again',
  'no-outbox': 'a replica dies with a message that it was about to put on a channel',
  'no-resend': 'a replica dies with a message that it was about to put on a channel',
};

/**
 * Goal: an audit that cannot turn red proves nothing. Method: each protection is switched off in a build of its own, and the bank that
 * runs from it meets the fault that the protection is for. The bank with all of them meets every one of these faults.
 */
describe('the audit', () => {
  let builds: string;
  let bank: Bank;
  beforeAll(async () => {
    builds = await mkdtemp(join(tmpdir(), 'cashpoint-sabotage-'));
  });
  afterEach(() => bank?.close(), 30_000);
  afterAll(() => rm(builds, { recursive: true, force: true }));

  const open = async (build?: string) => {
    bank = await Bank.open({
      ...{ gateways: 1, terminals: 2, accounts: 2, environment: { RECOVERY_AFTER_MS: '2000' } },
      ...(build === undefined ? {} : { build }),
    });
  };

  it.each(Object.entries(MATTERS) as [SabotageName, Fault][])(
    'notices %s when %s',
    async (name, fault) => {
      await open(await buildSabotaged(name, join(builds, name)));
      await FAULTS[fault](bank);
      await bank.untilUp();
      const { caughtBy } = SABOTAGES[name];
      if (caughtBy === NOTHING_STAYS) await expect(bank.auditWhenQuiet(DRAINED_MS_MAX)).rejects.toThrow('in vain');
      else await eventually(`the audit says: ${caughtBy}`, async () => redOf(await bank.audit()).includes(caughtBy));
    },
    90_000,
  );

  it('stays green through all these faults with every protection on', async () => {
    await open();
    for (const fault of Object.values(FAULTS)) {
      await fault(bank);
      await bank.untilUp();
    }
    expect(redOf(await bank.auditWhenQuiet())).toEqual([]);
    expect((await bank.account(POOR)).ledger).toBe(0);
  }, 120_000);
});

const redOf = ({ checks }: AuditBody) => checks.filter(({ ok }) => !ok).map(({ name }) => name);

/** Arms the replica to kill itself at the point, lets `people` do what leads there, and waits until it has died. */
async function whileDying(bank: Bank, replica: string, point: string, people: () => Promise<void>): Promise<void> {
  const before = await bank.pidOf(replica);
  await bank.arm({ replica, point, action: 'kill' });
  await eventually(`${replica} dies at ${point}`, async () => {
    await people();
    return (await bank.pidOf(replica)) !== before;
  });
}

/** Eight people at once, so that every replica gets something to do. */
async function takeCash(bank: Bank, firstCard: number): Promise<void> {
  const people = Array.from({ length: 8 }, (_, index) => firstCard + index);
  await Promise.all(
    people.map(async (card) => {
      const atm = bank.atm(card);
      const session = await sessionOf(atm, card);
      granted(await atm.withdraw(session, 2000));
    }),
  );
}

/** Whoever could ask again is gone before a replica is there to be asked. */
async function takeCashAndGo(bank: Bank, card: number): Promise<void> {
  const session = await sessionOf(bank.atm(card), card);
  const before = await bank.pidOf('atm-terminal-1');
  const call = fetch(`${bank.gateways[0]}/v1/sessions/${session.sessionId}/withdrawals`, {
    method: 'POST',
    headers: { authorization: `Bearer ${session.token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ amount: 2000 }),
  }).catch(() => null);
  await eventually('the replica is gone', async () => (await bank.pidOf('atm-terminal-1')) !== before);
  const gone = ['gateway-1', 'atm-terminal-1'];
  await Promise.all(gone.map((name) => bank.cluster.kill(name)));
  await call;
  await Promise.all([...gone, 'atm-terminal-2'].map((name) => bank.cluster.start(name)));
}
