import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import type { WithdrawalBody } from '#contracts';
import { accountId, Bank, cardNumber, granted, OPENING, PIN, sessionOf } from './cluster/bank.js';
import { eventually } from './cluster/eventually.js';
import { differences, startLoad, type Load } from './cluster/virtual-atms.js';

const ACCOUNTS_A = ['account-a-1', 'account-a-2'];
const ACCOUNTS_B = ['account-b-1', 'account-b-2'];
const GROUPS = ['account-a', 'account-b', 'atm-terminal'];
const TERMINALS = ['atm-terminal-1', 'atm-terminal-2'];

/** Customers up to here are at account-a, the others at account-b. */
const LAST_OF_A = 50;

/**
 * Goal: two account brokers are one bank: everything holds that holds with one, money moves between them exactly once, and neither is in the other
 * one's way. Method: real processes, SIGKILL, receipts against books.
 */
describe('the sharded topology', () => {
  let bank: Bank;
  beforeAll(async () => {
    bank = await Bank.open({ topology: 'sharded', accounts: 2, environment: { JOURNAL_END_AFTER_MS: '1000' } });
  }, 60_000);
  afterAll(() => bank?.close(), 30_000);

  async function rowsOf<Row extends pg.QueryResultRow>(database: string, text: string): Promise<Row[]> {
    const client = new pg.Client({ connectionString: bank.cluster.databaseUrl(database) });
    await client.connect();
    try {
      return (await client.query<Row>(text)).rows;
    } finally {
      await client.end();
    }
  }

  async function auditIsGreen(): Promise<void> {
    const audit = await bank.auditWhenQuiet();
    expect(audit.checks.filter(({ ok }) => !ok)).toEqual([]);
    expect(audit.balanced).toBe(true);
  }

  const restart = async (names: readonly string[]) => {
    await Promise.all(names.map((name) => bank.cluster.start(name)));
    await bank.untilUp();
  };

  const moreWithdrawals = (load: Load, more: number) => {
    const goal = load.count + more;
    return eventually(`${more} more withdrawals`, () => load.count >= goal, 40_000);
  };

  it('each customer lives at one broker, and every view shows both', async () => {
    for (const [number, broker] of [
      [LAST_OF_A, 'account-a'],
      [LAST_OF_A + 1, 'account-b'],
    ] as const) {
      const atm = bank.atm(number);
      const session = await sessionOf(atm, number);
      expect(session.account.accountId).toBe(accountId(number));
      const { withdrawalId } = granted(await atm.withdraw(session, 2000));
      expect(granted(await atm.untilEnded(session, withdrawalId))).toMatchObject({
        state: 'settled',
        authorisation: 'host',
      } satisfies Partial<WithdrawalBody>);
      expect(granted(await atm.balance(session))).toMatchObject({ ledger: OPENING - 2000, source: 'host' });
      expect(granted(await atm.statement(session)).entries[0]).toMatchObject({ kind: 'withdrawal', amount: -2000 });
      expect(await bank.account(number)).toMatchObject({ broker, ledger: OPENING - 2000 });
      expect((await atm.openSession(cardNumber(number), '0000')).status).toBe(403);
    }
    expect((await bank.atm().openSession('4999999999999999', PIN)).status).toBe(403);
    const accounts = 'SELECT account_id FROM account';
    const [a, b] = [await rowsOf('account_a', accounts), await rowsOf('account_b', accounts)];
    expect([a.length, b.length]).toEqual([50, 50]);
    const { replicas, brokers } = await bank.members();
    expect(replicas.map(({ name }) => name).sort()).toEqual([...ACCOUNTS_A, ...ACCOUNTS_B, ...TERMINALS]);
    expect(brokers.map(({ name }) => name)).toEqual(expect.arrayContaining(['account-a', 'account-b', 'terminal']));
    const { checks } = await bank.audit();
    for (const broker of ['account-a', 'account-b']) {
      expect(checks.some(({ name }) => name.startsWith(`${broker}: `))).toBe(true);
    }
    await auditIsGreen();
  }, 60_000);

  it('refuses a transfer to nobody before anything moves, and gives back what cannot be credited', async () => {
    const atm = bank.atm(31);
    const session = await sessionOf(atm, 31);
    for (const unknown of ['ACC-0101', 'ACC-7777']) {
      expect((await atm.transfer(session, unknown, 700)).status).toBe(404);
    }
    await rowsOf('account_b', `UPDATE account SET status = 'closed' WHERE account_id = 'ACC-0090'`);
    expect(granted(await atm.transfer(session, accountId(90), 700))).toMatchObject({ state: 'posted' });
    const entries = await eventually('the refund', async () => {
      const statement = granted(await atm.statement(session));
      return statement.entries.length === 3 && statement.entries;
    });
    expect(entries.slice(0, 2)).toMatchObject([
      { kind: 'transfer', amount: 700, balance: OPENING },
      { kind: 'transfer', amount: -700 },
    ]);
    await rowsOf('account_b', `UPDATE account SET status = 'open' WHERE account_id = 'ACC-0090'`);
    expect(await bank.account(90)).toMatchObject({ ledger: OPENING });
    const poor = await sessionOf(bank.atm(99), 99);
    expect(granted(await bank.atm(99).transfer(poor, accountId(31), 5001))).toMatchObject({ responseCode: '51' });
    await auditIsGreen();
  }, 60_000);

  it('money moves between the brokers exactly once, whoever is killed', async () => {
    const people = [32, 33, 34, 35, 72, 73, 74, 75];
    const moved = new Map<number, number>(people.map((number) => [number, 0]));
    let [posted, stopped] = [0, false];
    const failures: string[] = [];
    const transfers = people.map(async (from, index) => {
      const atm = bank.atm(from);
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
    for (const names of [1, 2].map((number) => GROUPS.map((group) => `${group}-${number}`))) {
      await Promise.all(names.map((name) => bank.cluster.kill(name)));
      await more(20);
      await restart(names);
    }
    for (const [replica, point] of [
      ['account-a-1', 'relay.before-add'],
      ['account-b-2', 'inbox.before-commit'],
      ['account-a-2', 'inbox.after-commit'],
    ] as const) {
      const before = await bank.pidOf(replica);
      await bank.arm({ replica, point, action: 'kill' });
      await eventually(`${replica} dies at ${point}`, async () => (await bank.pidOf(replica)) !== before, 40_000);
      await bank.untilUp();
    }
    stopped = true;
    await Promise.all(transfers);
    expect(failures).toEqual([]);
    await auditIsGreen();
    const balances = await Promise.all(
      people.map(async (number) => [number, (await bank.account(number)).ledger - OPENING]),
    );
    expect(balances).toEqual([...moved]);
  }, 180_000);

  it('no call of 20 ATMs at both brokers fails while replicas are killed, and the books equal the receipts', async () => {
    const load = startLoad(bank, 20, { firstCard: LAST_OF_A - 9 + 1 });
    await moreWithdrawals(load, 30);
    for (const name of ['account-a-1', 'account-b-1', 'atm-terminal-1', 'account-b-2', 'account-a-2']) {
      await bank.cluster.kill(name);
      await moreWithdrawals(load, 25);
      await bank.cluster.start(name);
    }
    const { receipts, failures } = await load.stop();
    expect(failures).toEqual([]);
    await auditIsGreen();
    // Customers 50 and 51 took 20.00 in the first test.
    const others = receipts.filter(({ card }) => card !== LAST_OF_A && card !== LAST_OF_A + 1);
    expect(await differences(bank, others)).toEqual([]);
  }, 180_000);

  it('a whole broker down: the other one’s customers notice nothing, its own get cash within limits or a clear refusal', async () => {
    const verified = bank.atm(5);
    const session = await sessionOf(verified, 5);
    const load = startLoad(bank, 6, { firstCard: 80 });
    await moreWithdrawals(load, 40);
    const before = load.count;
    await Promise.all(ACCOUNTS_A.map((name) => bank.cluster.kill(name)));
    const killedAt = load.count;

    const standIn = granted(await verified.withdraw(session, 10_000));
    expect(standIn).toMatchObject({ state: 'dispensed', authorisation: 'stand-in' });
    expect((await bank.atm(6).openSession(cardNumber(6), PIN)).status).toBe(503);
    const b = await sessionOf(bank.atm(86), 86);
    expect((await bank.atm(86).transfer(b, accountId(7), 1000)).status).toBe(503);
    expect(granted(await bank.atm(86).transfer(b, accountId(87), 1000))).toMatchObject({ state: 'posted' });
    expect(await bank.account(86)).toMatchObject({ broker: 'account-b', ledger: OPENING - 1000 });
    const { replicas } = await bank.members();
    expect(replicas.filter(({ state }) => state === 'up').map(({ name }) => name)).toEqual(
      expect.arrayContaining([...ACCOUNTS_B, ...TERMINALS]),
    );
    await moreWithdrawals(load, 60);

    const { receipts, failures } = await load.stop();
    expect(failures).toEqual([]);
    expect(new Set(receipts.map(({ authorisation }) => authorisation))).toEqual(new Set(['host']));
    const [normal, during] = [receipts.slice(0, before), receipts.slice(killedAt)].map(slowOf);
    expect(during).toBeLessThan(2 * (normal ?? 0) + 500);

    await restart(ACCOUNTS_A);
    expect(granted(await verified.untilEnded(session, standIn.withdrawalId))).toMatchObject({ state: 'settled' });
    await auditIsGreen();
    expect(await differences(bank, receipts)).toEqual([]);
    expect(await bank.account(5)).toMatchObject({ ledger: OPENING - 10_000, held: 0 });
  }, 120_000);

  it('archives the journal of each session once, in order and as one dialog, about half of the sessions at each broker', async () => {
    const visitors = Array.from({ length: 200 }, async (_, index) => {
      const atm = bank.atm(index + 1);
      await atm.closeSession(await sessionOf(atm, 1 + (index % 30)));
    });
    await Promise.all(visitors);
    const atm = bank.atm(4);
    const session = await sessionOf(atm, 4);
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
    await auditIsGreen();
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
