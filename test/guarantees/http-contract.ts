import { beforeAll, beforeEach, expect, it } from '@jest/globals';
import type { z } from 'zod';
import {
  auditSchema,
  balanceSchema,
  clusterSchema,
  depositReceiptSchema,
  HTTP_CALLS,
  messagesSchema,
  operatorAccountSchema,
  problemSchema,
  routesSchema,
  sessionSchema,
  statementSchema,
  terminalSchema,
  transferReceiptSchema,
  withdrawalSchema,
  type MessagesBody,
  type RoutesBody,
  type SessionBody,
  type WithdrawalBody,
} from '#contracts';
import { accountId, cardNumber, OPENING, PIN, sessionOf } from '../../tools/atm/demo-customers.js';
import type { Bank } from '../cluster/bank.js';
import { eventually } from '../../tools/eventually.js';

interface Sent {
  readonly status: number;
  readonly headers: Headers;
  readonly body: unknown;
}

/** Goal: every call answers as the contract says and refuses what it must. Method: plain HTTP, as somebody else's checks would do it. */
export function httpContract(bank: () => Bank): void {
  let [customer, stranger] = [0, 0];
  let session: SessionBody;
  let other: SessionBody;
  beforeAll(() => {
    // At the last broker and at the first: where accounts are sharded, these are two.
    customer = bank().customer(bank().brokers.at(-1));
    stranger = bank().customer();
  });
  beforeEach(async () => {
    session = await sessionOf(bank().atm(1), customer);
    other = await sessionOf(bank().atm(2), stranger);
  });

  async function send(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Sent> {
    const json = body === undefined || 'content-type' in headers ? {} : { 'content-type': 'application/json' };
    const response = await fetch(`${bank().gateways[0]}${path}`, {
      method,
      headers: { ...json, ...headers },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, body: text === '' ? undefined : JSON.parse(text) };
  }

  const as = (who: SessionBody) => ({ authorization: `Bearer ${who.token}` });
  const terminal = { 'x-terminal-key': 'demo-key-ATM-001' };
  const operator = { authorization: 'Bearer demo-operator' };
  const withdrawals = () => `/v1/sessions/${session.sessionId}/withdrawals`;

  /** Strict: a member that the contract does not name is a mistake too. */
  function matches(schema: z.ZodObject, body: unknown): void {
    expect(schema.strict().safeParse(body).error?.issues ?? []).toEqual([]);
  }

  function isProblem(sent: Sent, status: number): void {
    expect([sent.status, sent.body]).toEqual([status, expect.objectContaining({ status })]);
    expect(sent.headers.get('content-type')).toContain('application/problem+json');
    expect(problemSchema.safeParse(sent.body).success).toBe(true);
    expect(sent.headers.get('x-gateway')).toMatch(/^gateway-/);
    expect(sent.headers.get('x-request-id')).toBeTruthy();
  }

  it('opens a session, and closes it', async () => {
    const number = bank().customer();
    const opened = await send('POST', '/v1/sessions', { cardNumber: cardNumber(number), pin: PIN }, terminal);
    expect(opened.status).toBe(201);
    matches(sessionSchema, opened.body);
    const body = opened.body as SessionBody;
    expect(body.card.maskedNumber).not.toContain(cardNumber(number));
    expect(body.account).toEqual({ accountId: accountId(number), currency: 'EUR' });
    expect(Date.parse(body.expiresAt) - Date.now()).toBeGreaterThanOrEqual(10 * 60_000 - 5_000);
    expect(opened.headers.get('x-served-by')).toMatch(/^atm-terminal-/);
    const path = `/v1/sessions/${body.sessionId}`;
    isProblem(await send('DELETE', path, undefined, as(other)), 404);
    expect((await send('DELETE', path, undefined, as(body))).status).toBe(204);
    isProblem(await send('GET', `${path}/balance`, undefined, as(body)), 401);
  });

  it('refuses who is not who they should be', async () => {
    const mine = cardNumber(bank().customer());
    const open = (headers: Record<string, string>, card = mine, pin = PIN) =>
      send('POST', '/v1/sessions', { cardNumber: card, pin }, headers);
    isProblem(await open({}), 401);
    isProblem(await open({ 'x-terminal-key': 'demo-key-ATM-999' }), 401);
    const wrong = await open(terminal, mine, '0000');
    isProblem(wrong, 403);
    expect(wrong.body).toMatchObject({ triesLeft: 2 });
    isProblem(await open(terminal, '4999999999999999'), 403);
    isProblem(await open(terminal, cardNumber(100)), 403);
    isProblem(await send('GET', `/v1/sessions/${session.sessionId}/balance`), 401);
    isProblem(
      await send('GET', `/v1/sessions/${session.sessionId}/balance`, undefined, { authorization: 'Bearer x.y' }),
      401,
    );
    isProblem(await send('GET', '/v1/operator/cluster'), 401);
    isProblem(await send('GET', '/v1/operator/cluster', undefined, { authorization: 'Bearer demo-operatoR' }), 401);
  });

  it('reads balance and statement', async () => {
    const balance = await send('GET', `/v1/sessions/${session.sessionId}/balance`, undefined, as(session));
    expect(balance.status).toBe(200);
    matches(balanceSchema, balance.body);
    const statement = await send('GET', `/v1/sessions/${session.sessionId}/statement?limit=1`, undefined, as(session));
    expect(statement.status).toBe(200);
    matches(statementSchema, statement.body);
    expect((statement.body as { entries: unknown[] }).entries).toHaveLength(1);
    for (const limit of ['0', '-1', 'ten', '1000']) {
      isProblem(
        await send('GET', `/v1/sessions/${session.sessionId}/statement?limit=${limit}`, undefined, as(session)),
        400,
      );
    }
  });

  it('takes a withdrawal in two steps and in one, and repeats answer the same', async () => {
    const selected = await send('POST', withdrawals(), {}, as(session));
    expect(selected.status).toBe(201);
    matches(withdrawalSchema, selected.body);
    const { withdrawalId, state } = selected.body as WithdrawalBody;
    expect(state).toBe('awaiting-amount');
    const path = `/v1/withdrawals/${withdrawalId}`;
    const entered = await send('PUT', `${path}/amount`, { amount: 5000 }, as(session));
    expect(entered.status).toBe(200);
    matches(withdrawalSchema, entered.body);
    expect(entered.body).toMatchObject({
      amount: 5000,
      authorisation: 'host',
      dispensed: [{ denomination: 5000, count: 1 }],
    });
    const again = await send('PUT', `${path}/amount`, { amount: 5000 }, as(session));
    expect(again.body).toMatchObject({ withdrawalId, amount: 5000, dispensed: [{ denomination: 5000, count: 1 }] });
    isProblem(await send('PUT', `${path}/amount`, { amount: 6000 }, as(session)), 409);
    expect((await send('GET', path, undefined, as(session))).status).toBe(200);
    isProblem(await send('GET', path, undefined, as(other)), 404);
    isProblem(await send('PUT', `${path}/amount`, { amount: 5000 }, as(other)), 404);
    isProblem(await send('GET', '/v1/withdrawals/00000000-0000-4000-8000-000000000000', undefined, as(session)), 404);
    isProblem(await send('GET', '/v1/withdrawals/none', undefined, as(session)), 404);

    const key = { 'idempotency-key': 'contract-1' };
    const once = await send('POST', withdrawals(), { amount: 2000 }, { ...as(session), ...key });
    const twice = await send('POST', withdrawals(), { amount: 2000 }, { ...as(session), ...key });
    expect([once.status, twice.status]).toEqual([201, 201]);
    expect(once.headers.get('idempotency-replayed')).toBeNull();
    expect(twice.headers.get('idempotency-replayed')).toBe('true');
    expect(twice.body).toEqual(once.body);
    isProblem(await send('POST', withdrawals(), { amount: 3000 }, { ...as(session), ...key }), 422);
  });

  it.each([
    ['minus one', '{"amount":-1}', 422],
    ['zero', '{"amount":0}', 422],
    ['a fraction', '{"amount":1.5}', 422],
    ['a string', '{"amount":"1e3"}', 400],
    ['2^53+1', '{"amount":9007199254740993}', 422],
    ['not mixable', '{"amount":1500}', 422],
    ['an unknown field', '{"amount":1000,"tip":1}', 400],
    ['a list', '[]', 400],
    ['null', 'null', 400],
    ['no JSON', '{"amount":', 400],
    ['too large', `{"amount":1000,"x":"${'x'.repeat(20_000)}"}`, 413],
  ])('refuses the amount %s and changes nothing', async (_name, body, status) => {
    const before = await send('GET', `/v1/sessions/${session.sessionId}/balance`, undefined, as(session));
    const { withdrawalId } = (await send('POST', withdrawals(), {}, as(session))).body as WithdrawalBody;
    isProblem(await send('POST', withdrawals(), body, as(session)), status);
    isProblem(await send('PUT', `/v1/withdrawals/${withdrawalId}/amount`, body, as(session)), status);
    const after = await send('GET', `/v1/sessions/${session.sessionId}/balance`, undefined, as(session));
    expect((after.body as { available: number }).available).toBe((before.body as { available: number }).available);
    expect((await send('GET', `/v1/withdrawals/${withdrawalId}`, undefined, as(session))).body).toMatchObject({
      state: 'awaiting-amount',
    });
  });

  it('refuses what is no JSON request', async () => {
    isProblem(await send('POST', withdrawals(), 'amount=1000', { ...as(session), 'content-type': 'text/plain' }), 415);
    isProblem(
      await send('POST', withdrawals(), { amount: 1000 }, { ...as(session), 'idempotency-key': 'x'.repeat(300) }),
      400,
    );
    isProblem(await send('GET', '/v1/nothing', undefined, as(session)), 404);
    isProblem(await send('POST', '/v1/sessions', { cardNumber: 4000, pin: PIN }, terminal), 400);
    isProblem(await send('POST', '/v1/sessions', { cardNumber: cardNumber(1), pin: PIN, extra: true }, terminal), 400);
  });

  it('replays a session by its key without another try, whatever the PIN', async () => {
    const [mine, another] = bank().customers(2).map(cardNumber);
    const key = { ...terminal, 'idempotency-key': 'contract-session' };
    const wrong = await send('POST', '/v1/sessions', { cardNumber: mine, pin: '0000' }, key);
    const repeat = await send('POST', '/v1/sessions', { cardNumber: mine, pin: PIN }, key);
    expect([wrong.status, repeat.status]).toEqual([403, 403]);
    expect(repeat.headers.get('idempotency-replayed')).toBe('true');
    expect(repeat.body).toMatchObject({ triesLeft: 2 });
    isProblem(await send('POST', '/v1/sessions', { cardNumber: another, pin: PIN }, key), 422);
    const right = { ...terminal, 'idempotency-key': 'contract-session-2' };
    const opened = await send('POST', '/v1/sessions', { cardNumber: mine, pin: PIN }, right);
    const same = await send('POST', '/v1/sessions', { cardNumber: mine, pin: PIN }, right);
    expect([opened.status, same.body]).toEqual([201, opened.body]);
  });

  it('takes deposits and moves money', async () => {
    const deposits = `/v1/sessions/${session.sessionId}/deposits`;
    const deposited = await send('POST', deposits, { notes: [{ denomination: 5000, count: 3 }] }, as(session));
    expect(deposited.status).toBe(201);
    matches(depositReceiptSchema, deposited.body);
    expect(deposited.body).toMatchObject({ amount: 15_000, state: 'settled' });
    isProblem(await send('POST', deposits, { notes: [{ denomination: 4321, count: 1 }] }, as(session)), 422);
    isProblem(await send('POST', deposits, { notes: [] }, as(session)), 400);

    const transfers = `/v1/sessions/${session.sessionId}/transfers`;
    const target = bank().customer();
    const toAccountId = accountId(target);
    const moved = await send('POST', transfers, { toAccountId, amount: 1234 }, as(session));
    expect(moved.status).toBe(201);
    matches(transferReceiptSchema, moved.body);
    isProblem(await send('POST', transfers, { toAccountId: 'ACC-9999', amount: 1234 }, as(session)), 404);
    const declined = await send('POST', transfers, { toAccountId, amount: 900_000_000 }, as(session));
    expect(declined.body).toMatchObject({ state: 'declined', responseCode: '51' });
    await bank().auditWhenQuiet();
    expect((await bank().account(target)).ledger).toBe(OPENING + 1234);
  });

  it('declines over the daily limit with 61', async () => {
    const limited = await sessionOf(bank().atm(3), 91);
    const path = `/v1/sessions/${limited.sessionId}/withdrawals`;
    expect((await send('POST', path, { amount: 40_000 }, as(limited))).body).toMatchObject({ authorisation: 'host' });
    const over = await send('POST', path, { amount: 20_000 }, as(limited));
    expect([over.status, over.body]).toEqual([201, expect.objectContaining({ state: 'declined', responseCode: '61' })]);
  });

  it('serves operators', async () => {
    const read = async (path: string) => (await send('GET', path, undefined, operator)).body;
    matches(clusterSchema, await read('/v1/operator/cluster'));
    const cluster = clusterSchema.parse(await read('/v1/operator/cluster'));
    expect(cluster.gateways.map(({ name }) => name).sort()).toEqual(['gateway-1', 'gateway-2']);
    expect(cluster.replicas.map(({ name }) => name).sort()).toEqual([...bank().accounts, ...bank().terminals].sort());
    expect(cluster.channels.map(({ role }) => role).sort()).toEqual(['active', 'passive']);
    matches(operatorAccountSchema, await read('/v1/operator/accounts/ACC-0001'));
    isProblem(await send('GET', '/v1/operator/accounts/ACC-9999', undefined, operator), 404);
    isProblem(await send('GET', '/v1/operator/terminals/ATM-999', undefined, operator), 404);
    const before = terminalSchema.parse(await read('/v1/operator/terminals/ATM-001'));
    const filled = await send('POST', '/v1/operator/terminals/ATM-001/replenish', {}, operator);
    expect(filled.status).toBe(200);
    matches(terminalSchema, filled.body);
    const after = terminalSchema.parse(filled.body);
    expect(after.cassettes.map(({ remaining, capacity }) => capacity - remaining)).toEqual([0, 0, 0, 0]);
    expect(after.totals.loaded - before.totals.loaded).toBe(after.totals.remaining - before.totals.remaining);
    matches(auditSchema, await bank().auditWhenQuiet());
    expect((await bank().auditWhenQuiet()).balanced).toBe(true);
  });

  it('shows operators the messages that wait, and tries them again', async () => {
    const read = async (query: string) => send('GET', `/v1/operator/messages${query}`, undefined, operator);
    const dispensed = await send('POST', withdrawals(), { amount: 1000 }, as(session));
    const { withdrawalId } = dispensed.body as WithdrawalBody;
    // The account services fail to apply the advice, and put it aside until they can; a journal may come before it.
    for (const replica of bank().accountsOf(customer)) {
      const fault = { replica, point: 'inbox.before-commit', action: 'error', times: 2 };
      expect((await send('POST', '/v1/operator/faults', fault, operator)).status).toBe(204);
    }
    const second = (await send('POST', withdrawals(), { amount: 2000 }, as(session))).body as WithdrawalBody;
    await eventually('the advice among the messages', async () => {
      const { messages } = messagesSchema.parse((await read('')).body);
      return messages.some(({ body }) => JSON.stringify(body).includes(second.withdrawalId));
    });
    for (const query of ['', '?state=queued', '?state=parked&limit=5', '?state=dead']) {
      const answer = await read(query);
      expect(answer.status).toBe(200);
      matches(messagesSchema, answer.body);
      expect((answer.body as MessagesBody).unheard).toEqual([]);
    }
    isProblem(await read('?state=lost'), 400);
    isProblem(await read('?limit=0'), 400);
    isProblem(await send('GET', '/v1/operator/messages'), 401);
    const replay = (id: string) => send('POST', `/v1/operator/messages/${id}/replay`, undefined, operator);
    isProblem(await replay('00000000-0000-4000-8000-000000000000'), 404);
    isProblem(await replay('none'), 404);
    await eventually('no message about them', async () => {
      const { messages } = messagesSchema.parse((await read('')).body);
      return ![withdrawalId, second.withdrawalId].some((id) => JSON.stringify(messages).includes(id));
    });
    await bank().disarm(bank().accountsOf(customer), 'inbox.before-commit');
    await bank().auditWhenQuiet();
    for (const id of [withdrawalId, second.withdrawalId]) {
      expect((await send('GET', `/v1/withdrawals/${id}`, undefined, as(session))).body).toMatchObject({
        state: 'settled',
      });
    }
  });

  it('lets operators read and replace routes', async () => {
    const read = async () => send('GET', '/v1/operator/routes', undefined, operator);
    const before = await read();
    expect(before.status).toBe(200);
    matches(routesSchema, before.body);
    const replace = (body: unknown) => send('PUT', '/v1/operator/routes', body, operator);
    const { routes } = before.body as RoutesBody;
    const added = { at: 'terminal', service: 'contract-test', broker: 'account-a', channels: [] };
    const changed = await replace({ routes: [...routes, added] });
    expect([changed.status, (changed.body as RoutesBody).routes]).toEqual([200, expect.arrayContaining([added])]);
    expect((await read()).body).toEqual(changed.body);
    expect((await replace({ routes })).body).toEqual(before.body);
    isProblem(await replace({ routes: [{ ...added, at: 'nowhere' }] }), 400);
    isProblem(await replace({ routes: [{ ...added, service: '' }] }), 400);
    isProblem(await replace({ routes: [{ ...added, channels: ['no-such-channel'] }] }), 400);
    isProblem(await send('PUT', '/v1/operator/routes', { routes }), 401);
  });

  it('is described by the served OpenAPI document', async () => {
    const { body } = await send('GET', '/docs-json');
    const { openapi, paths } = body as { openapi: string; paths: Record<string, Record<string, unknown>> };
    expect(openapi).toMatch(/^3\.1/);
    for (const { method, path } of HTTP_CALLS) expect(paths[path]?.[method.toLowerCase()]).toBeDefined();
    for (const path of ['/health/live', '/health/ready', '/metrics', '/docs']) {
      expect((await fetch(`${bank().gateways[1]}${path}`)).status).toBe(200);
    }
  });

  it('lets nobody speak to replicas behind the gateway, and nobody pretend to be one', async () => {
    const { replicas } = await bank().cluster.status();
    for (const { url } of replicas) {
      const answer = await fetch(`${url}/internal/status`, { headers: { 'x-terminal-id': 'ATM-001' } });
      expect(answer.status).toBe(401);
    }
    isProblem(
      await send(
        'POST',
        '/v1/sessions',
        { cardNumber: cardNumber(stranger), pin: PIN },
        { 'x-terminal-id': 'ATM-001' },
      ),
      401,
    );
    isProblem(await send('GET', '/internal/status', undefined, operator), 401);
  });

  it('writes no PIN and no card number into any log', async () => {
    const { replicas, gateways } = await bank().cluster.status();
    for (const { name } of [...replicas, ...gateways]) {
      const log = bank().cluster.log(name, 100_000);
      expect(log).not.toMatch(/4000001\d{9}/);
      expect(log).not.toMatch(/"pin"\s*:\s*"\d/);
    }
  });
}
