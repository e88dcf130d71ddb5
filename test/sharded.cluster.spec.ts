import { describe, expect, it } from '@jest/globals';
import pg from 'pg';
import type { WithdrawalBody } from '#contracts';
import { accountId, cardNumber, granted, OPENING, PIN, sessionOf } from '../tools/atm/demo-customers.js';
import { openBank } from './cluster/bank.js';
import { booksAreRight } from './cluster/books.js';
import { eventually } from '../tools/eventually.js';
import { startLoad } from './cluster/virtual-atms.js';
import { channelsLost } from './guarantees/channels-lost.js';
import { crashPoints, CRASH_ENVIRONMENT, POINTS } from './guarantees/crash-points.js';
import { hostDown } from './guarantees/host-down.js';
import { httpContract } from './guarantees/http-contract.js';
import { manyAtOnce } from './guarantees/many-at-once.js';
import { replicasKilled } from './guarantees/replicas-killed.js';

/** Journals are sent as soon as their sessions end. */
const ENVIRONMENT = { ...CRASH_ENVIRONMENT, JOURNAL_END_AFTER_MS: '1000' };

/** Points of the way that leads through a broker; those inside the terminal are the same with any number of them. */
const POINTS_BETWEEN = POINTS.filter(([point]) => /^(account|inbox|relay)\.|-answer$|after-hold$/.test(point));

/**
 * Goal: two account brokers are one bank: everything holds that holds with one, money moves between them exactly once, and neither is in the other
 * one's way. Method: real processes, SIGKILL, receipts against books.
 */
describe('the sharded topology', () => {
  const bank = openBank({ topology: 'sharded', accounts: 2, environment: ENVIRONMENT });

  describe('the HTTP contract', () => httpContract(bank));
  describe('many at once', () => manyAtOnce(bank));
  describe('replicas killed', () => replicasKilled(bank));
  describe('crash points', () => crashPoints(bank, POINTS_BETWEEN, ['terminal.after-hold', 'terminal.after-dispense']));
  describe('channels lost', () => channelsLost(bank));
  describe('both brokers wholly down', () => hostDown(bank));

  async function rowsOf<Row extends pg.QueryResultRow>(database: string, text: string): Promise<Row[]> {
    const client = new pg.Client({ connectionString: bank().cluster.databaseUrl(database) });
    await client.connect();
    try {
      return (await client.query<Row>(text)).rows;
    } finally {
      await client.end();
    }
  }

  it('each customer lives at one broker, and every view shows both', async () => {
    for (const broker of ['account-a', 'account-b']) {
      const number = bank().customer(broker);
      const atm = bank().atm(number);
      const session = await sessionOf(atm, number);
      expect(session.account.accountId).toBe(accountId(number));
      const { withdrawalId } = granted(await atm.withdraw(session, 2000));
      expect(granted(await atm.untilEnded(session, withdrawalId))).toMatchObject({
        state: 'settled',
        authorisation: 'host',
      } satisfies Partial<WithdrawalBody>);
      expect(granted(await atm.balance(session))).toMatchObject({ ledger: OPENING - 2000, source: 'host' });
      expect(granted(await atm.statement(session)).entries[0]).toMatchObject({ kind: 'withdrawal', amount: -2000 });
      expect(await bank().account(number)).toMatchObject({ broker, ledger: OPENING - 2000 });
      expect((await atm.openSession(cardNumber(number), '0000')).status).toBe(403);
    }
    expect((await bank().atm().openSession('4999999999999999', PIN)).status).toBe(403);
    const accounts = 'SELECT account_id FROM account';
    const [a, b] = [await rowsOf('account_a', accounts), await rowsOf('account_b', accounts)];
    expect([a.length, b.length]).toEqual([50, 50]);
    const { replicas, brokers } = await bank().members();
    expect(replicas.map(({ name }) => name).sort()).toEqual([...bank().accounts, ...bank().terminals].sort());
    expect(brokers.map(({ name }) => name)).toEqual(expect.arrayContaining(['account-a', 'account-b', 'terminal']));
    const { checks } = await bank().audit();
    for (const broker of ['account-a', 'account-b']) {
      expect(checks.some(({ name }) => name.startsWith(`${broker}: `))).toBe(true);
    }
    await booksAreRight(bank());
  }, 60_000);

  it('refuses a transfer to nobody before anything moves, and gives back what cannot be credited', async () => {
    const [payer, closed] = [bank().customer('account-a'), bank().customer('account-b')];
    const atm = bank().atm();
    const session = await sessionOf(atm, payer);
    for (const unknown of ['ACC-0101', 'ACC-7777']) {
      expect((await atm.transfer(session, unknown, 700)).status).toBe(404);
    }
    const setStatus = (status: string) =>
      rowsOf('account_b', `UPDATE account SET status = '${status}' WHERE account_id = '${accountId(closed)}'`);
    await setStatus('closed');
    expect(granted(await atm.transfer(session, accountId(closed), 700))).toMatchObject({ state: 'posted' });
    const entries = await eventually('the refund', async () => {
      const statement = granted(await atm.statement(session));
      return statement.entries.length === 3 && statement.entries;
    });
    expect(entries.slice(0, 2)).toMatchObject([
      { kind: 'transfer', amount: 700, balance: OPENING },
      { kind: 'transfer', amount: -700 },
    ]);
    await setStatus('open');
    expect(await bank().account(closed)).toMatchObject({ ledger: OPENING });
    const poor = await sessionOf(atm, 99);
    expect(granted(await atm.transfer(poor, accountId(payer), 5001))).toMatchObject({ responseCode: '51' });
    await booksAreRight(bank());
  }, 60_000);

  it('money moves between the brokers exactly once, whoever is killed', async () => {
    const people = bank().customers(8);
    const moved = new Map<number, number>(people.map((number) => [number, 0]));
    let [posted, stopped] = [0, false];
    const failures: string[] = [];
    const transfers = people.map(async (from, index) => {
      const atm = bank().atm(from);
      const session = await sessionOf(atm, from);
      for (let turn = 0; !stopped; turn++) {
        const to = people[(index + 1 + (turn % (people.length - 1))) % people.length] ?? 0;
        const answer = await atm.transfer(session, accountId(to), 100 + turn).catch((error: unknown) => String(error));
        if (typeof answer === 'string' || !answer.ok) {
          failures.push(`${from} to ${to}: ${JSON.stringify(answer)}`);
          continue;
        }
        posted++;
        moved.set(from, (moved.get(from) ?? 0) - answer.body.amount);
        moved.set(to, (moved.get(to) ?? 0) + answer.body.amount);
      }
    });
    const more = (count: number) => {
      const goal = posted + count;
      return eventually(`${count} more transfers`, () => posted >= goal, 40_000);
    };
    await more(30);
    for (const number of [1, 2]) {
      const names = ['account-a', 'account-b', 'atm-terminal'].map((group) => `${group}-${number}`);
      await bank().kill(names);
      await more(20);
      await bank().start(names);
    }
    await bank().untilUp();
    for (const dying of [
      { 'account-a-1': 'relay.before-add', 'account-b-2': 'inbox.before-commit' },
      { 'account-a-2': 'inbox.after-commit' },
    ]) {
      const deaths = Object.entries(dying).map(async ([replica, point]) => {
        const before = await bank().pidOf(replica);
        await bank().arm({ replica, point, action: 'kill' });
        await eventually(`${replica} dies at ${point}`, async () => (await bank().pidOf(replica)) !== before, 40_000);
      });
      await Promise.all(deaths);
      await bank().untilUp();
    }
    stopped = true;
    await Promise.all(transfers);
    expect(failures).toEqual([]);
    await booksAreRight(bank());
    const balances = await Promise.all(
      people.map(async (number) => [number, (await bank().account(number)).ledger - OPENING]),
    );
    expect(balances).toEqual([...moved]);
  }, 180_000);

  it('a whole broker down: the other one’s customers notice nothing, its own get cash within limits or a clear refusal', async () => {
    const ofA = bank().accounts.filter((name) => name.startsWith('account-a-'));
    const [customer, stranger] = bank().customers(2, ['account-a']) as [number, number];
    const [payer, payee] = bank().customers(2, ['account-b']) as [number, number];
    const atm = bank().atm();
    const session = await sessionOf(atm, customer);
    const load = startLoad(bank(), bank().customers(4, ['account-b']));
    await load.more(40);
    const before = load.count;
    await bank().kill(ofA);
    const killedAt = load.count;

    const standIn = granted(await atm.withdraw(session, 10_000));
    expect(standIn).toMatchObject({ state: 'dispensed', authorisation: 'stand-in' });
    expect((await atm.openSession(cardNumber(stranger), PIN)).status).toBe(503);
    const b = await sessionOf(atm, payer);
    expect((await atm.transfer(b, accountId(stranger), 1000)).status).toBe(503);
    expect(granted(await atm.transfer(b, accountId(payee), 1000))).toMatchObject({ state: 'posted' });
    expect(await bank().account(payer)).toMatchObject({ broker: 'account-b', ledger: OPENING - 1000 });
    const { replicas } = await bank().members();
    const up = replicas.filter(({ state }) => state === 'up').map(({ name }) => name);
    expect(up.sort()).toEqual([...bank().accountsOf(payer), ...bank().terminals].sort());
    await load.more(60);

    const { receipts, failures } = await load.stop();
    expect(failures).toEqual([]);
    expect(new Set(receipts.map(({ authorisation }) => authorisation))).toEqual(new Set(['host']));
    const [normal, during] = [receipts.slice(0, before), receipts.slice(killedAt)].map(slowOf);
    expect(during).toBeLessThan(2 * (normal ?? 0) + 500);

    await bank().start(ofA);
    expect(granted(await atm.untilEnded(session, standIn.withdrawalId))).toMatchObject({ state: 'settled' });
    await booksAreRight(bank(), receipts);
    expect(await bank().account(customer)).toMatchObject({ ledger: OPENING - 10_000, held: 0 });
  }, 120_000);

  it('archives the journal of each session once, in order and as one dialog, about half of the sessions at each broker', async () => {
    const customer = bank().customer();
    const visitors = Array.from({ length: 200 }, async (_, index) => {
      const atm = bank().atm(index + 1);
      await atm.closeSession(await sessionOf(atm, customer));
    });
    await Promise.all(visitors);
    const atm = bank().atm();
    const session = await sessionOf(atm, customer);
    const archived = async () => {
      const text = `SELECT session_id, kind, dialog_id, dialog_sequence FROM journal_archive
                     WHERE session_id = '${session.sessionId}' ORDER BY archived_no`;
      return (await Promise.all([rowsOf('account_a', text), rowsOf('account_b', text)])).flat();
    };
    for (const times of [1, 2]) {
      const { withdrawalId } = granted(await atm.withdraw(session, 1000));
      await atm.untilEnded(session, withdrawalId);
      await eventually(
        'what was done so far is archived',
        async () => (await archived()).length === 1 + 2 * times,
        60_000,
      );
    }
    await atm.closeSession(session);
    await eventually('everything is archived, and every dialog ended', archiveIsComplete, 90_000);

    const dialog = await archived();
    const [opened, withdrawal] = ['session-opened', ['dispense-intended', 'notes-taken']];
    expect(dialog.map(({ kind }) => String(kind))).toEqual([opened, withdrawal, withdrawal, 'session-closed'].flat());
    expect(new Set(dialog.map(({ dialog_id: id }) => String(id))).size).toBe(1);
    expect(new Set(dialog.map(({ dialog_sequence: sequence }) => Number(sequence))).size).toBeGreaterThan(2);

    const [a, b] = await Promise.all([sessionsOf('account_a'), sessionsOf('account_b')]);
    expect([...a].filter((id) => b.has(id))).toEqual([]);
    const share = a.size / (a.size + b.size);
    expect(share).toBeGreaterThan(0.35);
    expect(share).toBeLessThan(0.65);
    await booksAreRight(bank());
  }, 180_000);

  const sessionsOf = async (database: string) => {
    const rows = await rowsOf<{ id: string }>(database, 'SELECT DISTINCT session_id AS id FROM journal_archive');
    return new Set(rows.map(({ id }) => id));
  };

  /** Both archives together are, record by record, what the terminals have of sessions. */
  async function archiveIsComplete(): Promise<boolean> {
    const record = (table: string) =>
      `SELECT concat_ws(' ', terminal_id, seq, kind, encode(hash, 'hex')) AS record FROM ${table}`;
    const read = async (database: string, text: string) =>
      (await rowsOf<{ record: string }>(database, text)).map((row) => row.record);
    const made = await read('terminal', `${record('journal')} WHERE data ? 'sessionId'`);
    const kept = await Promise.all(['account_a', 'account_b'].map((name) => read(name, record('journal_archive'))));
    const lasting = await rowsOf(
      'terminal',
      'SELECT FROM journal_dialog JOIN session USING (session_id) WHERE ended_at IS NOT NULL',
    );
    return lasting.length === 0 && JSON.stringify(made.sort()) === JSON.stringify(kept.flat().sort());
  }
});

/** The time that one in ten is slower than, milliseconds. */
function slowOf(receipts: readonly { readonly milliseconds: number }[]): number {
  const sorted = receipts.map(({ milliseconds }) => milliseconds).sort((one, other) => one - other);
  return sorted[Math.floor(sorted.length * 0.9)] ?? 0;
}
