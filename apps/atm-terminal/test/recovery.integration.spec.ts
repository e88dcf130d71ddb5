import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { TerminalAudit } from '#contracts';
import { Dispenser } from '../src/dispenser/dispenser.js';
import { RecoverySweep } from '../src/recovery/recovery-sweep.js';
import { WithdrawalDriver } from '../src/withdrawal/withdrawal-driver.js';
import { Withdrawals } from '../src/withdrawal/withdrawals.js';
import { TerminalBroker, type OpenedSession, type TestReplica } from './terminal-broker.js';

/**
 * A replica dies at a named point (it answers with an error and does nothing more); then another one sweeps. The sweep's own timer
 * must not interfere, so withdrawals are made old by hand and swept by hand.
 */
describe('the recovery sweep', () => {
  let broker: TerminalBroker;
  let dead: TestReplica;
  let other: TestReplica;
  let card = 2000;

  beforeAll(async () => {
    broker = await TerminalBroker.create();
    dead = await broker.replica();
    other = await broker.replica();
  }, 30_000);

  afterAll(async () => {
    const audit = await other.call<TerminalAudit>('GET', '/internal/audit');
    await broker.close();
    expect(audit.body.checks.filter(({ ok }) => !ok)).toEqual([]);
  }, 30_000);

  const customer = async (): Promise<OpenedSession> => {
    card += 1;
    broker.host.account(`ACC-${card}`, 100_000n);
    return dead.openSession(`400000000000${card}`);
  };
  const cash = async (): Promise<number> =>
    Number((await broker.rows<{ sum: string }>('SELECT sum(remaining * denomination) FROM cassette'))[0]?.sum);

  /** Dies at `point` in the middle of a withdrawal of 40.00. */
  const dieAt = async (point: string): Promise<{ session: OpenedSession; withdrawalId: string }> => {
    const session = await customer();
    dead.faults.arm(point, 'error', 1);
    const { withdrawalId } = (await dead.withdraw(session, undefined)).body;
    const path = `/v1/withdrawals/${withdrawalId}/amount`;
    const answer = await dead.call('PUT', path, { token: session.token, body: { amount: 4_000 } });
    expect(answer.status).toBe(500);
    return { session, withdrawalId };
  };
  const sweepAfter = async (withdrawalId: string): Promise<void> => {
    const old = `UPDATE withdrawal SET updated_at = now() - interval '1 hour' WHERE withdrawal_id = $1`;
    await broker.rows(old, [withdrawalId]);
    await other.app.get(RecoverySweep).sweep();
  };

  it('leaves alone what was moved a moment ago', async () => {
    const { withdrawalId, session } = await dieAt('terminal.after-intent');
    await other.app.get(RecoverySweep).sweep();
    expect((await other.read(session, withdrawalId)).state).toBe('authorising');
    await sweepAfter(withdrawalId);
  });

  it.each(['terminal.before-hold', 'terminal.after-hold'])('reverses what died at %s', async (point) => {
    const before = await cash();
    const { withdrawalId, session } = await dieAt(point);
    await sweepAfter(withdrawalId);
    expect(await other.read(session, withdrawalId)).toMatchObject({ state: 'reversing', authorisation: null });
    expect(await broker.advices(withdrawalId)).toMatchObject([
      { type: 'reversal-advice', body: { reason: 'abandoned', rejected: '0', retracted: '0' } },
    ]);
    expect(await cash()).toBe(before);
    await broker.answerAdvices();
    expect(await other.read(session, withdrawalId)).toMatchObject({ state: 'reversed' });
  });

  it('calls off what was intended but not commanded, and gives the notes back to the cassettes', async () => {
    const before = await cash();
    const { withdrawalId, session } = await dieAt('terminal.after-intent');
    expect(before - (await cash())).toBe(4_000);
    await sweepAfter(withdrawalId);
    expect((await other.read(session, withdrawalId)).state).toBe('reversing');
    expect(await cash()).toBe(before);
  });

  it('takes the dispenser’s word for what was dispensed before the outcome was committed', async () => {
    const before = await cash();
    const { withdrawalId, session } = await dieAt('terminal.after-dispense');
    await sweepAfter(withdrawalId);
    expect(await other.read(session, withdrawalId)).toMatchObject({ state: 'dispensed' });
    expect(await broker.advices(withdrawalId)).toMatchObject([{ type: 'completion-advice', body: { taken: '4000' } }]);
    expect(before - (await cash())).toBe(4_000);
  });

  it('opens a case where the dispenser itself does not know', async () => {
    dead.faults.arm('dispenser.outcome', 'unknown', 1);
    const { withdrawalId, session } = await dieAt('terminal.after-dispense');
    await sweepAfter(withdrawalId);
    expect((await other.read(session, withdrawalId)).state).toBe('suspense');
  });

  it('reverses what a replica from before has left, which reserved no notes until its hold was there', async () => {
    const { withdrawalId, session } = await dieAt('terminal.after-dispense');
    await sweepAfter(withdrawalId);
    const before = await cash();
    const id = '00000000-0000-8000-8000-00000000000a';
    await broker.rows(
      `INSERT INTO withdrawal (withdrawal_id, session_id, terminal_id, account_id, currency, state, amount)
       SELECT $2, session_id, terminal_id, account_id, currency, 'authorising', amount FROM withdrawal WHERE withdrawal_id = $1`,
      [withdrawalId, id],
    );
    await sweepAfter(id);
    expect(await other.read(session, id)).toMatchObject({ state: 'reversing', dispensed: [] });
    expect(await cash()).toBe(before);
  });

  it('finds nothing to do where the outcome was committed', async () => {
    const { withdrawalId, session } = await dieAt('terminal.after-outcome');
    expect((await other.read(session, withdrawalId)).state).toBe('dispensed');
    await sweepAfter(withdrawalId);
    expect(await broker.advices(withdrawalId)).toHaveLength(1);
  });

  it('leaves a withdrawal that awaits its amount as it is', async () => {
    const session = await customer();
    const { withdrawalId } = (await dead.withdraw(session, undefined)).body;
    await sweepAfter(withdrawalId);
    expect((await other.read(session, withdrawalId)).state).toBe('awaiting-amount');
  });

  it('wins against the command of a replica that wakes up too late', async () => {
    const before = await cash();
    const { withdrawalId } = await dieAt('terminal.after-intent');
    const frozen = await dead.app.get(Withdrawals).find(withdrawalId);
    if (frozen === null) throw new Error('no withdrawal');
    await sweepAfter(withdrawalId);
    const late = await dead.app.get(WithdrawalDriver).drive(frozen);
    expect(late).toMatchObject({ state: 'reversing', dispensed: [] });
    expect(await cash()).toBe(before);
    expect(await broker.advices(withdrawalId)).toHaveLength(1);
  });

  it('and any number of others come to one end', async () => {
    const before = await cash();
    const { withdrawalId } = await dieAt('terminal.after-hold');
    const found = await dead.app.get(Withdrawals).find(withdrawalId);
    if (found === null) throw new Error('no withdrawal');
    const ends = await Promise.all(
      [dead, other, dead, other].map(({ app }, index) => {
        const driver = app.get(WithdrawalDriver);
        return index < 2 ? driver.drive(found) : driver.recover(found);
      }),
    );
    const [state] = ends.map((end) => end.state);
    expect(ends.map((end) => end.state)).toEqual(ends.map(() => state));
    expect(before - (await cash())).toBe(state === 'dispensed' ? 4_000 : 0);
    expect(await broker.advices(withdrawalId)).toHaveLength(1);
  });
});

describe('the dispenser', () => {
  const notes = [{ denomination: 5_000, count: 2 }];
  let broker: TerminalBroker;
  let one: Dispenser;
  let two: Dispenser;

  beforeAll(async () => {
    broker = await TerminalBroker.create();
    one = (await broker.replica()).app.get(Dispenser);
    two = (await broker.replica()).app.get(Dispenser);
  }, 30_000);

  afterAll(() => broker.close(), 30_000);

  it('dispenses once per id and says the same to all', async () => {
    const command = { withdrawalId: '00000000-0000-8000-8000-000000000001', terminalId: 'ATM-001', notes };
    const all = { outcome: 'all', taken: notes, rejected: [], retracted: [] };
    const answers = await Promise.all([one, two, one, two, one].map((dispenser) => dispenser.dispense(command)));
    expect(answers).toEqual(answers.map(() => all));
    expect(await one.void(command)).toEqual(all);
    expect(await broker.rows('SELECT 1 FROM dispenser.record')).toHaveLength(1);
  });

  it('refuses what was called off, whoever is first', async () => {
    const command = { withdrawalId: '00000000-0000-8000-8000-000000000002', terminalId: 'ATM-001', notes };
    expect(await one.void(command)).toEqual({ outcome: 'voided' });
    expect(await two.dispense(command)).toEqual({ outcome: 'voided' });
    const race = { ...command, withdrawalId: '00000000-0000-8000-8000-000000000003' };
    const answers = await Promise.all([one.dispense(race), two.void(race)]);
    expect(answers[0]).toEqual(answers[1]);
  });
});
