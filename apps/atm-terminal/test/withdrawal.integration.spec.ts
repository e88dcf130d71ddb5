import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { TerminalAudit, WithdrawalBody } from '#contracts';
import { Cassettes } from '../src/cassette/cassettes.js';
import { TerminalBroker, type OpenedSession, type TestReplica } from './terminal-broker.js';

/** Whole withdrawals over HTTP on two replicas and a real database; the account host is a fake. */
describe('a withdrawal', () => {
  let broker: TerminalBroker;
  let one: TestReplica;
  let two: TestReplica;
  let card = 1000;

  const customer = async (available = 100_000n, terminal?: string): Promise<OpenedSession> => {
    card += 1;
    broker.host.account(`ACC-${card}`, available);
    return one.openSession(`400000000000${card}`, terminal);
  };
  const cash = async (): Promise<number> =>
    Number((await broker.rows<{ sum: string }>('SELECT sum(remaining * denomination) FROM cassette'))[0]?.sum);

  beforeAll(async () => {
    broker = await TerminalBroker.create();
    one = await broker.replica();
    two = await broker.replica();
  }, 30_000);

  afterAll(async () => {
    const audit = await one.call<TerminalAudit>('GET', '/internal/audit');
    await broker.close();
    expect(audit.body.checks.filter(({ ok }) => !ok)).toEqual([]);
  }, 30_000);

  it('selected without an amount, then with it, dispenses, and settles when the host has posted it', async () => {
    const session = await customer();
    const before = await cash();
    const selected = await one.withdraw(session, undefined);
    expect(selected).toMatchObject({ status: 201, body: { state: 'awaiting-amount', amount: null, dispensed: [] } });
    const { withdrawalId } = selected.body;
    const path = `/v1/withdrawals/${withdrawalId}/amount`;
    const given = await two.call<WithdrawalBody>('PUT', path, { token: session.token, body: { amount: 18_000 } });
    expect(given).toMatchObject({
      status: 200,
      body: { state: 'dispensed', amount: 18_000, authorisation: 'host', responseCode: '00', settledAt: null },
    });
    expect(given.body.dispensed.reduce((sum, { denomination, count }) => sum + denomination * count, 0)).toBe(18_000);
    expect(before - (await cash())).toBe(18_000);
    expect(await broker.advices(withdrawalId)).toMatchObject([
      { type: 'completion-advice', body: { taken: '18000', authorisation: 'host', requestedAt: given.body.createdAt } },
    ]);
    expect(broker.host.authorisations.at(-1)).toMatchObject({ withdrawalId, requestedAt: given.body.createdAt });
    await broker.answerAdvices();
    expect(await two.read(session, withdrawalId)).toMatchObject({
      state: 'settled',
      settledAt: expect.any(String),
    });
  });

  it('repeats with the same key are answered the same to the byte, even once it is settled', async () => {
    const session = await customer();
    const first = await one.withdraw(session, 5_000, { key: 'k-1' });
    await broker.answerAdvices();
    const again = await two.withdraw(session, 5_000, { key: 'k-1' });
    expect(again).toMatchObject({ status: 201, replayed: true });
    expect(JSON.stringify(again.body)).toBe(JSON.stringify(first.body));
    expect((await two.withdraw(session, 6_000, { key: 'k-1' })).status).toBe(422);
    expect((await two.withdraw(session, undefined, { key: 'k-1' })).body).toMatchObject({
      type: 'urn:cashpoint:problem:key-reused',
    });
  });

  it('a key stands for what was first asked with it, with an amount or without', async () => {
    const session = await customer();
    const selected = await one.withdraw(session, undefined, { key: 'k-2' });
    expect(selected).toMatchObject({ status: 201, body: { state: 'awaiting-amount' } });
    expect((await two.withdraw(session, 5_000, { key: 'k-2' })).body).toMatchObject({
      type: 'urn:cashpoint:problem:key-reused',
    });
    expect(await two.read(session, selected.body.withdrawalId)).toMatchObject({ state: 'awaiting-amount' });
    expect(await two.withdraw(session, undefined, { key: 'k-2' })).toMatchObject({
      replayed: true,
      body: selected.body,
    });
  });

  it('a refusal is the answer to its key even when it would be granted by now', async () => {
    const session = await customer(100_000n, 'ATM-008');
    const refused = await one.withdraw(session, 1_001, { key: 'k-3' });
    expect(refused.status).toBe(422);
    await broker.rows(
      `UPDATE idempotency SET fingerprint = (
      SELECT fingerprint FROM withdrawal WHERE withdrawal_id = $1) WHERE key = 'k-3'`,
      [(await one.withdraw(session, 1_000, { key: 'k-4' })).body.withdrawalId],
    );
    expect(await two.withdraw(session, 1_000, { key: 'k-3' })).toMatchObject({ status: 422, replayed: true });
  });

  it('is refused once its session has ended at another replica or expired, whatever its own has seen of it', async () => {
    const [ended, expired] = [await customer(), await customer()];
    for (const session of [ended, expired]) expect((await one.withdraw(session, 5_000)).status).toBe(201);
    await two.call('DELETE', `/v1/sessions/${ended.sessionId}`, { token: ended.token });
    await broker.rows(
      `UPDATE session SET created_at = now() - interval '2 hours', expires_at = now() WHERE session_id = $1`,
      [expired.sessionId],
    );
    for (const { sessionId, ...session } of [ended, expired]) {
      expect((await one.withdraw({ sessionId, ...session }, 5_000, { key: 'late' })).status).toBe(401);
      expect(await broker.rows('SELECT FROM withdrawal WHERE session_id = $1', [sessionId])).toHaveLength(1);
      expect(await broker.rows(`SELECT FROM idempotency WHERE key = 'late'`)).toEqual([]);
    }
  });

  describe('where the notes that were seen are gone', () => {
    let session: OpenedSession;
    beforeAll(async () => {
      session = await customer(100_000n, 'ATM-008');
    });
    /** Withdraws 20.00 while the cassettes have nothing but `notes`, and the replica has seen them full. */
    const withdrawWithout = async (notes: Readonly<Record<number, number>>) => {
      const stock = await broker.rows<{ denomination: number; remaining: number }>(
        `SELECT denomination, remaining FROM cassette WHERE terminal_id = 'ATM-008'`,
      );
      const put = `UPDATE cassette SET remaining = remaining + $1 WHERE terminal_id = 'ATM-008' AND denomination = $2`;
      const changes = stock.map(({ denomination, remaining }) => [
        (notes[denomination] ?? 0) - remaining,
        denomination,
      ]);
      await one.app.get(Cassettes).of('ATM-008');
      for (const [change, denomination] of changes) await broker.rows(put, [change, denomination]);
      const asked = broker.host.authorisations.length;
      const { status, body } = await one.withdraw(session, 2_000);
      for (const [change = 0, denomination] of changes) await broker.rows(put, [-change, denomination]);
      return { status, body, asked: broker.host.authorisations.length - asked };
    };

    it('others are taken', async () => {
      expect(await withdrawWithout({ 1_000: 3 })).toMatchObject({
        status: 201,
        asked: 1,
        body: { state: 'dispensed', dispensed: [{ denomination: 1_000, count: 2 }] },
      });
    });

    it('it is refused before anything is held, if there are no others', async () => {
      const before = await broker.rows('SELECT FROM withdrawal');
      expect(await withdrawWithout({ 1_000: 1 })).toMatchObject({ status: 422, asked: 0 });
      expect(await broker.rows('SELECT FROM withdrawal')).toHaveLength(before.length);
    });
  });

  it('repeated in parallel on both replicas dispenses once', async () => {
    const session = await customer();
    const before = await cash();
    const answers = await Promise.all(
      Array.from({ length: 12 }, (_, index) => (index % 2 === 0 ? one : two).withdraw(session, 7_000, { key: 'same' })),
    );
    expect(new Set(answers.map(({ body }) => body.withdrawalId)).size).toBe(1);
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 201));
    expect(before - (await cash())).toBe(7_000);
    expect(await broker.advices(answers[0]?.body.withdrawalId)).toHaveLength(1);
  });

  it.each(['assignedKey', 'key'])('with its %s goes on where the dead replica left it', async (name) => {
    for (const point of ['after-intent', 'before-hold', 'after-hold', 'after-dispense', 'after-outcome']) {
      const session = await customer();
      const before = await cash();
      one.faults.arm(`terminal.${point}`, 'error', 1);
      const key = { [name]: `left-${point}` };
      expect((await one.withdraw(session, 3_000, key)).status).toBe(500);
      const retried = await two.withdraw(session, 3_000, key);
      expect(retried).toMatchObject({
        status: 201,
        replayed: name === 'key' && point === 'after-outcome',
        body: { state: 'dispensed', authorisation: 'host' },
      });
      expect(before - (await cash())).toBe(3_000);
      expect(await broker.advices(retried.body.withdrawalId)).toHaveLength(1);
    }
  });

  it('takes the same amount again and refuses another one', async () => {
    const session = await customer();
    const { withdrawalId } = (await one.withdraw(session, 2_000)).body;
    const put = (amount: unknown) =>
      one.call('PUT', `/v1/withdrawals/${withdrawalId}/amount`, { token: session.token, body: { amount } });
    expect(await put(2_000)).toMatchObject({ status: 200, body: { withdrawalId, state: 'dispensed' } });
    expect((await put(4_000)).status).toBe(409);
  });

  it('is refused for amounts that cannot be', async () => {
    const session = await customer();
    for (const amount of [-1, 0, 1.5, 2 ** 53 + 1, 1_234]) {
      expect((await one.withdraw(session, amount)).body).toMatchObject({
        status: 422,
        type: 'urn:cashpoint:problem:invalid-amount',
      });
    }
    const hint = await one.withdraw(session, 1_500);
    expect(hint.body).toMatchObject({ possibleAmounts: [1_000, 2_000] });
    const text = await one.call('POST', `/v1/sessions/${session.sessionId}/withdrawals`, {
      token: session.token,
      body: { amount: '1e3' },
    });
    expect(text.status).toBe(400);
  });

  it('that the host declines gives no cash and sends nothing', async () => {
    const session = await customer(1_000n);
    const before = await cash();
    const { status, body } = await one.withdraw(session, 5_000);
    expect(status).toBe(201);
    expect(body).toMatchObject({ state: 'declined', responseCode: '51', authorisation: null, dispensed: [] });
    expect(await cash()).toBe(before);
    expect(await broker.advices(body.withdrawalId)).toEqual([]);
  });

  it('is nobody else’s', async () => {
    const mine = await customer();
    const other = await customer();
    const { withdrawalId } = (await one.withdraw(mine, 2_000)).body;
    const path = `/v1/withdrawals/${withdrawalId}`;
    expect((await one.call('GET', path, { token: other.token })).status).toBe(404);
    expect((await one.call('GET', path)).status).toBe(401);
    expect((await one.call('GET', '/v1/withdrawals/nonsense', { token: mine.token })).status).toBe(404);
    const elsewhere = `/v1/sessions/${mine.sessionId}/withdrawals`;
    expect((await one.call('POST', elsewhere, { token: other.token, body: {} })).status).toBe(404);
  });

  describe('whose dispenser', () => {
    const withdraw = async (fault: string) => {
      const session = await customer();
      const before = await cash();
      one.faults.arm('dispenser.outcome', fault, 1);
      const { body } = await one.withdraw(session, 10_000 + 4 * 2_000);
      const advices = await broker.advices(body.withdrawalId);
      await broker.answerAdvices();
      const after = await one.read(session, body.withdrawalId);
      return { body, gone: before - (await cash()), advice: advices[0], count: advices.length, after };
    };

    it('gives a part: the part is charged, the rest stays or is in the bin', async () => {
      const { body, gone, advice, after } = await withdraw('part');
      expect(body).toMatchObject({ state: 'dispensed', amount: 18_000, responseCode: '00' });
      expect(body.dispensed).not.toEqual([]);
      expect(advice).toMatchObject({ type: 'completion-advice' });
      const { taken = '0', rejected = '0' } = advice?.body ?? {};
      expect(gone).toBe(Number(taken) + Number(rejected));
      expect(Number(taken)).toBeLessThan(18_000);
      expect(after.state).toBe('settled');
    });

    it('gives nothing: it is reversed', async () => {
      const { body, gone, advice, after } = await withdraw('none');
      expect(body).toMatchObject({ state: 'reversing', responseCode: '96', dispensed: [] });
      expect(advice).toMatchObject({ type: 'reversal-advice', body: { reason: 'nothing-taken', retracted: '0' } });
      expect(gone).toBe(Number(advice?.body['rejected']));
      expect(after).toMatchObject({ state: 'reversed', settledAt: expect.any(String) });
    });

    it('takes the notes back: it is reversed with the retracted amount', async () => {
      const { gone, advice, after } = await withdraw('retract');
      expect(advice).toMatchObject({ type: 'reversal-advice', body: { retracted: '18000', rejected: '0' } });
      expect(gone).toBe(18_000);
      expect(after.state).toBe('reversed');
    });

    it('does not know: it is in suspense with a case, and stays so when the host knows', async () => {
      const { body, advice, after } = await withdraw('unknown');
      expect(body).toMatchObject({ state: 'suspense', responseCode: '96' });
      expect(advice).toMatchObject({ type: 'suspense-advice', body: { amount: '18000' } });
      expect(after).toMatchObject({ state: 'suspense', settledAt: expect.any(String) });
      const cases = await broker.rows('SELECT 1 FROM suspense_case WHERE withdrawal_id = $1', [body.withdrawalId]);
      expect(cases).toHaveLength(1);
    });
  });
});
