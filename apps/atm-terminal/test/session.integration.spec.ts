import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { BalanceBody, SessionBody } from '#contracts';
import { Idempotency } from '../src/idempotency/idempotency.js';
import { TerminalBroker, type Call, type TestReplica } from './terminal-broker.js';

const CARD = '4000000000004001';
const TERMINAL = 'ATM-001';

describe('a session', () => {
  let broker: TerminalBroker;
  let one: TestReplica;
  let two: TestReplica;

  beforeAll(async () => {
    broker = await TerminalBroker.create();
    one = await broker.replica();
    two = await broker.replica();
    broker.host.account('ACC-4001', 50_000n);
  }, 30_000);

  afterAll(() => broker.close(), 30_000);

  const open = (replica: TestReplica, cardNumber: string, pin: string, call: Call = {}) =>
    replica.call<SessionBody & { triesLeft: number }>('POST', '/v1/sessions', {
      terminal: TERMINAL,
      body: { cardNumber, pin },
      ...call,
    });

  it('opens with the right PIN and lasts at least ten minutes', async () => {
    const { status, body } = await open(one, CARD, '1234');
    expect(status).toBe(201);
    expect(body).toMatchObject({
      card: { maskedNumber: '400000******4001' },
      account: { accountId: 'ACC-4001', currency: 'EUR' },
    });
    expect(Date.parse(body.expiresAt) - Date.now()).toBeGreaterThan(10 * 60_000);
    const balance = await two.call<BalanceBody>('GET', `/v1/sessions/${body.sessionId}/balance`, { token: body.token });
    expect(balance).toMatchObject({ status: 200, body: { available: 50_000, source: 'host' } });
  });

  it('repeated with its key is the same one, on any replica, without another try', async () => {
    const first = await open(one, CARD, '1234', { key: 'open-1' });
    const tries = broker.host.verifications.length;
    const again = await open(two, CARD, '9999', { key: 'open-1' });
    expect(again).toEqual({ ...first, replayed: true });
    expect(broker.host.verifications).toHaveLength(tries);
    expect((await open(two, '4000000000004002', '1234', { key: 'open-1' })).status).toBe(422);
  });

  it('answers a wrong PIN with the tries left, and the same again for the same key', async () => {
    const first = await open(one, CARD, '0000', { key: 'wrong-1' });
    expect(first).toMatchObject({ status: 403, body: { type: 'urn:cashpoint:problem:wrong-pin', triesLeft: 2 } });
    const again = await open(two, CARD, '1234', { key: 'wrong-1' });
    expect(again).toMatchObject({ status: 403, replayed: true, body: { triesLeft: 2 } });
  });

  it('treats a card that does not exist like one whose PIN is wrong, until it is blocked', async () => {
    const answers = [];
    for (let index = 0; index < 4; index++)
      answers.push(await open(index % 2 === 0 ? one : two, '4999999999999999', '1234'));
    expect(answers.map(({ status, body }) => [status, body.triesLeft])).toEqual([
      [403, 2],
      [403, 1],
      [403, 0],
      [403, undefined],
    ]);
    expect(answers[3]?.body).toMatchObject({ type: 'urn:cashpoint:problem:card-blocked' });
  });

  it('keeps neither PIN nor card number nor token anywhere', async () => {
    const card = '4000000000004003';
    const pin = '1234';
    broker.host.account('ACC-4003', 1n);
    const { token } = (await open(one, card, pin, { key: 'secret-1' })).body;
    const [, signature = ''] = token.split('.');
    const tables = await broker.rows<{ name: string }>(
      `SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables
        WHERE schemaname IN ('public', 'dispenser', 'messaging')`,
    );
    expect(tables.length).toBeGreaterThan(10);
    for (const { name } of tables) {
      const leaks = await broker.rows(
        `SELECT 1 FROM ${name} AS t WHERE t::text LIKE '%' || $1 || '%' OR t::text LIKE '%' || $2 || '%' OR t::text LIKE '%"' || $3 || '"%'`,
        [card, signature, pin],
      );
      expect({ name, leaks }).toEqual({ name, leaks: [] });
    }
  });

  it('is refused with 503 while the host is away, and that is not kept', async () => {
    broker.host.reachable = false;
    const away = await open(one, CARD, '1234', { key: 'away-1' });
    expect(away).toMatchObject({ status: 503, retryAfter: expect.stringMatching(/^\d+$/) });
    broker.host.reachable = true;
    expect((await open(two, CARD, '1234', { key: 'away-1' })).status).toBe(201);
  });

  it('shows the last known balance while the host is away', async () => {
    const session = await one.openSession(CARD);
    broker.host.reachable = false;
    const path = `/v1/sessions/${session.sessionId}/balance`;
    const cached = await two.call<BalanceBody>('GET', path, { token: session.token });
    const statement = await two.call('GET', `/v1/sessions/${session.sessionId}/statement`, { token: session.token });
    broker.host.reachable = true;
    expect(cached).toMatchObject({ status: 200, body: { available: 50_000, source: 'cache' } });
    expect(statement.status).toBe(503);
  });

  it('is over once closed: the token is worth nothing, but the same request again is answered the same', async () => {
    const { sessionId, token } = await one.openSession(CARD);
    const path = `/v1/sessions/${sessionId}`;
    expect((await one.call('DELETE', path, { token, key: 'close-1' })).status).toBe(204);
    expect(await two.call('DELETE', path, { token, key: 'close-1' })).toMatchObject({ status: 204, replayed: true });
    expect((await two.call('DELETE', path, { token, key: 'close-2' })).status).toBe(401);
    expect((await two.call('GET', `${path}/balance`, { token })).status).toBe(401);
  });

  it('that has expired answers 401', async () => {
    const { sessionId, token } = await one.openSession(CARD);
    const past = `UPDATE session SET created_at = now() - interval '1 hour', expires_at = now() WHERE session_id = $1`;
    await broker.rows(past, [sessionId]);
    expect((await one.call('GET', `/v1/sessions/${sessionId}/balance`, { token })).status).toBe(401);
  });

  it('is known by its own token only, at its own terminal only', async () => {
    const mine = await one.openSession(CARD);
    const path = `/v1/sessions/${mine.sessionId}/balance`;
    expect((await one.call('GET', path)).status).toBe(401);
    expect((await one.call('GET', path, { token: `${mine.token.slice(0, -2)}AA` })).status).toBe(401);
    expect((await one.call('GET', path, { token: `${randomUUID()}${mine.token.slice(36)}` })).status).toBe(401);
    const other = await one.openSession(CARD);
    expect((await one.call('GET', path, { token: other.token })).status).toBe(404);
    expect((await one.call('GET', path, { token: mine.token, terminal: 'ATM-002' })).status).toBe(404);
  });

  it('is opened anew once its answer is old enough to be forgotten, as the same session', async () => {
    const first = await open(one, CARD, '1234', { key: 'old-1' });
    await open(one, CARD, '1234', { key: 'young-1' });
    await broker.rows(`UPDATE idempotency SET created_at = now() - interval '25 hours' WHERE key = 'old-1'`);
    await one.app.get(Idempotency).prune(24);
    expect((await open(two, CARD, '1234', { key: 'young-1' })).replayed).toBe(true);
    expect(await open(two, CARD, '1234', { key: 'old-1' })).toEqual(first);
  });

  it('is refused for malformed requests and keys', async () => {
    expect((await open(one, '40', '1234')).status).toBe(400);
    expect((await open(one, CARD, '1234', { key: 'has space' })).status).toBe(400);
    expect((await one.call('POST', '/v1/sessions', { body: { cardNumber: CARD, pin: '1234' } })).status).toBe(401);
    const extra = { cardNumber: CARD, pin: '1234', extra: 1 };
    expect((await one.call('POST', '/v1/sessions', { terminal: TERMINAL, body: extra })).status).toBe(400);
  });
});
