import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { TerminalAudit } from '#contracts';
import { TerminalBroker, type OpenedSession, type TestReplica } from './terminal-broker.js';

/** What the database refuses by itself, and what the audit sees where somebody has switched that off. */
describe('the terminal database', () => {
  let broker: TerminalBroker;
  let replica: TestReplica;
  let session: OpenedSession;
  let withdrawalId: string;

  beforeAll(async () => {
    broker = await TerminalBroker.create();
    replica = await broker.replica();
    broker.host.account('ACC-6001', 1_000_000n);
    session = await replica.openSession('4000000000006001');
    withdrawalId = (await replica.withdraw(session, 18_000)).body.withdrawalId;
    await replica.withdraw(session, 1_000);
    replica.faults.arm('dispenser.outcome', 'unknown', 1);
    await replica.withdraw(session, 2_000);
  }, 30_000);

  afterAll(() => broker.close(), 30_000);

  const audit = async () => (await replica.call<TerminalAudit>('GET', '/internal/audit')).body;
  const red = async () => (await audit()).checks.filter(({ ok }) => !ok).map(({ name }) => name);

  it.each([
    [`UPDATE withdrawal SET state = 'settled', settled_at = now() WHERE state = 'suspense'`, 'an illegal transition'],
    [`UPDATE withdrawal SET state = 'dispensing' WHERE state = 'dispensed'`, 'a transition back'],
    [`UPDATE withdrawal SET taken = taken - 1 WHERE state = 'dispensed'`, 'another outcome'],
    [`UPDATE withdrawal SET amount = amount + 1`, 'another amount'],
    [`UPDATE withdrawal SET terminal_id = 'ATM-002'`, 'another terminal'],
    [`UPDATE withdrawal SET stan = '000000', state = state`, 'another number'],
    [`DELETE FROM withdrawal`, 'a lost withdrawal'],
    [`UPDATE terminal SET key_hash = 'demo-key'`, 'a key that is no hash'],
    [
      `INSERT INTO terminal (terminal_id, key_hash, currency) VALUES ('atm 1', repeat('0', 64), 'EUR')`,
      'a name that is none',
    ],
    [`SELECT append_journal('[["ATM-999", "x", {}]]')`, 'a journal of no terminal'],
    [`UPDATE cassette SET remaining = -1`, 'less than no notes'],
    [`UPDATE cassette SET remaining = loaded + 1`, 'more notes than were loaded'],
    [`UPDATE journal SET kind = 'x'`, 'a changed journal'],
    [`DELETE FROM journal`, 'a lost journal'],
    [`TRUNCATE journal`, 'an emptied journal'],
    [`DELETE FROM dispenser.record`, 'a dispenser that forgets'],
    [`UPDATE dispenser.record SET outcome = 'none', taken = '[]'`, 'a dispenser that changes its mind'],
    [`INSERT INTO stand_in_usage VALUES ('card', 'x', now(), 11, 10)`, 'a cap that is passed'],
  ])('refuses %s (%s)', async (statement) => {
    await expect(broker.rows(statement)).rejects.toThrow();
  });

  it('takes a second advice for the same withdrawal never', async () => {
    const copy = `INSERT INTO messaging.transmission_queue SELECT * FROM messaging.transmission_queue WHERE dialog_id = $1`;
    await expect(broker.rows(copy, [withdrawalId])).rejects.toThrow(/duplicate key/);
  });

  it('numbers as ISO 8583 does', async () => {
    const numbers = await broker.rows<{ stan: string; rrn: string }>('SELECT stan, rrn FROM withdrawal');
    expect(numbers.length).toBeGreaterThan(1);
    expect(new Set(numbers.map(({ rrn }) => rrn)).size).toBe(numbers.length);
    const today = new Date();
    const day = Math.floor((today.getTime() - Date.UTC(today.getUTCFullYear(), 0, 0)) / 86_400_000);
    const prefix = `${today.getUTCFullYear() % 10}${String(day).padStart(3, '0')}`;
    for (const { stan, rrn } of numbers) {
      expect(stan).toMatch(/^\d{6}$/);
      expect(rrn).toMatch(new RegExp(`^${prefix}[0-9A-Z]{8}$`));
    }
  });

  it('audits itself: what is in flight, what was settled, and where the cash is', async () => {
    expect((await audit()).inFlight).toHaveLength(3);
    expect((await audit()).withdrawals).toEqual({ count: 0, amount: '0', hash: '0' });
    await broker.answerAdvices();
    const settled = await eventually(audit, ({ withdrawals }) => withdrawals.count === 2);
    expect(settled).toMatchObject({ inFlight: [], withdrawals: { count: 2, amount: '19000' } });
    expect(settled.cash.find(({ terminalId }) => terminalId === 'ATM-001')).toMatchObject({
      taken: '19000',
      suspense: '2000',
      rejected: '0',
      retracted: '0',
    });
    expect(await red()).toEqual([]);
  });

  it.each([
    [
      'a journal record',
      `UPDATE journal SET data = data || '{"amount": "1"}' WHERE seq = 2`,
      /journal .* unbroken chain/,
    ],
    ['the end of the journal', `DELETE FROM journal WHERE seq = (SELECT max(seq) FROM journal)`, /journal ends/],
    [
      'a dispenser record',
      `UPDATE dispenser.record SET taken = '[]', outcome = 'none'`,
      /says what its dispenser says/,
    ],
    ['a lost dispenser record', `DELETE FROM dispenser.record`, /says what its dispenser says/],
    ['a withdrawal', `UPDATE withdrawal SET taken = taken - 1000 WHERE amount = 18000`, /says what its dispenser says/],
    ['an intent', `UPDATE withdrawal SET note_mix = '[]'`, /every dispense was intended/],
    [
      'a cassette',
      `UPDATE cassette SET remaining = remaining - 1 WHERE denomination = 1000`,
      /what left the cassettes/,
    ],
    ['a total', `UPDATE terminal SET retracted = retracted + 1`, /totals are the sums/],
    ['a case', `DELETE FROM suspense_case`, /every unknown outcome has its case/],
    [
      'an answer',
      `UPDATE withdrawal SET state = 'dispensed', settled_at = NULL WHERE state = 'settled'`,
      /is in the transmission queue/,
    ],
    ['an authorisation', `UPDATE withdrawal SET authorisation = 'stand-in'`, /counted against every cap/],
  ])('turns the audit red where somebody has tampered with %s', async (_what, tampering, check) => {
    await broker.rows(`
      BEGIN; SET LOCAL session_replication_role = replica;
      CREATE SCHEMA backup; CREATE TABLE backup.journal AS TABLE journal; CREATE TABLE backup.record AS TABLE dispenser.record;
      CREATE TABLE backup.withdrawal AS TABLE withdrawal; CREATE TABLE backup.cassette AS TABLE cassette;
      CREATE TABLE backup.suspense_case AS TABLE suspense_case; CREATE TABLE backup.terminal AS TABLE terminal;
      ${tampering};
      COMMIT`);
    const found = await red();
    await broker.rows(`
      BEGIN; SET LOCAL session_replication_role = replica;
      DELETE FROM journal; INSERT INTO journal TABLE backup.journal;
      DELETE FROM dispenser.record; INSERT INTO dispenser.record TABLE backup.record;
      DELETE FROM suspense_case; DELETE FROM withdrawal; INSERT INTO withdrawal TABLE backup.withdrawal;
      INSERT INTO suspense_case TABLE backup.suspense_case;
      DELETE FROM cassette; INSERT INTO cassette TABLE backup.cassette;
      DELETE FROM terminal; INSERT INTO terminal TABLE backup.terminal;
      DROP SCHEMA backup CASCADE;
      COMMIT`);
    expect(found).toContainEqual(expect.stringMatching(check));
    expect(await red()).toEqual([]);
  });
});

/** Reads until it is as it should be, with a deadline. */
async function eventually<T>(read: () => Promise<T>, holds: (value: T) => boolean): Promise<T> {
  const deadline = Date.now() + 5_000;
  for (;;) {
    const value = await read();
    if (holds(value) || Date.now() > deadline) return value;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
