import { hash } from 'node:crypto';
import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { pino } from 'pino';
import { readGatewayConfig } from './config.js';
import { createGateway } from './gateway.js';
import { StubService } from './testing/stub-service.js';

const TERMINAL_KEY = 'key-of-atm-1';
const TERMINAL = { 'x-terminal-key': TERMINAL_KEY };
const CARDHOLDER = { authorization: 'Bearer session.token' };
const OPERATOR = { authorization: 'Bearer demo-operator' };
const JSON_TYPE = { 'content-type': 'application/json' };
const SESSION = '0192f0c1-2b7a-5c3d-9e4f-5a6b7c8d9e0f';

/** Goal: the HTTP contract as a client sees it at the gateway. Method: the whole gateway over sockets, stub replicas behind it. */
describe('gateway', () => {
  let terminals: [StubService, StubService];
  let account: StubService;
  let app: NestFastifyApplication;
  let address: string;

  beforeEach(async () => {
    const one = await new StubService('atm-terminal-1').start();
    const two = await new StubService('atm-terminal-2').start();
    terminals = [one, two];
    for (const terminal of terminals) {
      const registry = [{ terminalId: 'ATM-001', keyHash: hash('sha256', TERMINAL_KEY) }];
      terminal.answers.set('GET /internal/terminals', (_call, response) => terminal.send(response, 200, registry));
    }
    account = await new StubService('account-a-1').start();
    await startGateway();
  });

  afterEach(async () => {
    await app.close();
    await Promise.all([...terminals, account].map((stub) => stub.stop()));
  });

  async function startGateway(environment: Record<string, string> = {}): Promise<void> {
    const config = readGatewayConfig({
      CASHPOINT_PROFILE: 'demo',
      REPLICA_NAME: 'gateway-1',
      ATM_TERMINAL_ENDPOINTS: terminals.map(({ url }) => url).join('|'),
      ACCOUNT_ENDPOINTS: `account-a=${account.url}`,
      ...environment,
    });
    app = await createGateway(config, pino({ level: 'silent' }));
    await app.listen(0, '127.0.0.1');
    address = await app.getUrl();
  }

  async function restartGateway(environment: Record<string, string>): Promise<void> {
    await app.close();
    await startGateway(environment);
  }

  const call = (method: string, path: string, headers: Record<string, string> = {}, body?: string) =>
    fetch(`${address}${path}`, { method, headers, ...(body === undefined ? {} : { body }) });

  const withdraw = (headers: Record<string, string> = {}, body = '{"amount":20000}') =>
    call('POST', `/v1/sessions/${SESSION}/withdrawals`, { ...CARDHOLDER, ...JSON_TYPE, ...headers }, body);

  const received = () => terminals.flatMap(({ calls }) => calls);

  describe('hands on', () => {
    it('a call with the terminal it has authenticated, and the answer with both names', async () => {
      for (const stub of terminals)
        stub.answers.set('*', (_call, response) => stub.send(response, 201, { sessionId: SESSION }));
      const answer = await call('POST', '/v1/sessions?a=b', { ...TERMINAL, ...JSON_TYPE }, '{"pin":"1234"}');
      expect(answer.status).toBe(201);
      expect(await answer.json()).toEqual({ sessionId: SESSION });
      expect(answer.headers.get('x-served-by')).toMatch(/^atm-terminal-[12]$/);
      expect(answer.headers.get('x-gateway')).toBe('gateway-1');
      expect(answer.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
      const [got] = received();
      expect(got).toMatchObject({ method: 'POST', url: '/v1/sessions?a=b', body: '{"pin":"1234"}' });
      expect(got?.headers).toMatchObject({
        'x-terminal-id': 'ATM-001',
        'x-cluster-key': 'demo-cluster-key',
        'x-request-id': answer.headers.get('x-request-id'),
        'content-type': 'application/json',
      });
      expect(got?.headers).not.toHaveProperty('x-terminal-key');
    });

    it('nothing that only the inside may say', async () => {
      const forged = {
        'x-terminal-id': 'ATM-666',
        'x-cluster-key': 'guess',
        'x-idempotency-assigned': '1',
        cookie: 'a=b',
      };
      await withdraw({ ...forged, 'idempotency-key': 'mine' });
      const [got] = received();
      expect(got?.headers['x-cluster-key']).toBe('demo-cluster-key');
      expect(got?.headers['authorization']).toBe('Bearer session.token');
      for (const name of ['x-terminal-id', 'x-idempotency-assigned', 'cookie'])
        expect(got?.headers).not.toHaveProperty(name);
    });

    it('a trace context, made here where the client has sent none that is valid', async () => {
      const made = /^00-[0-9a-f]{32}-[0-9a-f]{16}-00$/;
      await withdraw();
      await withdraw({ traceparent: '00-0-0-01' });
      const sent = received().map(({ headers }) => headers['traceparent']);
      expect(sent).toEqual([expect.stringMatching(made), expect.stringMatching(made)]);
      expect(sent[0]).not.toBe(sent[1]);
    });

    it('trace context and a request id that the client has chosen, unless it is not printable', async () => {
      const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
      const chosen = await withdraw({ 'x-request-id': 'my-call-7', traceparent });
      expect(chosen.headers.get('x-request-id')).toBe('my-call-7');
      expect(received()[0]?.headers).toMatchObject({ 'x-request-id': 'my-call-7', traceparent });
      expect((await withdraw({ 'x-request-id': 'two words' })).headers.get('x-request-id')).not.toBe('two words');
    });

    it('Idempotency-Replayed, Retry-After and the problem of the service', async () => {
      const problem = { type: 'urn:cashpoint:problem:unavailable', status: 503 };
      for (const stub of terminals) {
        stub.answers.set('*', (_call, response) =>
          stub.send(response, 503, problem, {
            'retry-after': '2',
            'idempotency-replayed': 'true',
            'set-cookie': 'a=b',
          }),
        );
      }
      const answer = await withdraw();
      expect(answer.status).toBe(503);
      expect(await answer.json()).toEqual(problem);
      expect(answer.headers.get('content-type')).toBe('application/problem+json');
      expect(answer.headers.get('retry-after')).toBe('2');
      expect(answer.headers.get('idempotency-replayed')).toBe('true');
      expect(answer.headers.get('set-cookie')).toBeNull();
      expect(received()).toHaveLength(1);
    });

    it('operator calls to the service that has the answer, without the token', async () => {
      await call('GET', '/v1/operator/accounts/ACC-0001', OPERATOR);
      await call('POST', '/v1/operator/terminals/ATM-001/replenish', OPERATOR);
      expect(account.calls[0]?.url).toBe('/v1/operator/accounts/ACC-0001');
      expect(account.calls[0]?.headers).not.toHaveProperty('authorization');
      expect(received()[0]).toMatchObject({ url: '/v1/operator/terminals/ATM-001/replenish', body: '{}' });
    });

    it('a 204 without a body', async () => {
      for (const stub of terminals) stub.answers.set('*', (_call, response) => stub.send(response, 204, null));
      const answer = await call('DELETE', `/v1/sessions/${SESSION}`, { ...CARDHOLDER, ...JSON_TYPE });
      expect(answer.status).toBe(204);
      expect(received()[0]?.body).toBe('');
    });
  });

  describe('repeats', () => {
    it('on another replica what a dying one had taken, under one assigned key', async () => {
      const [dying] = terminals;
      dying.answers.set('*', (_call, _response, request) => request.socket.resetAndDestroy());
      const answers = await Promise.all([withdraw(), withdraw(), withdraw(), withdraw()]);
      expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
      expect(answers.every(({ headers }) => headers.get('x-served-by') === 'atm-terminal-2')).toBe(true);
      expect(dying.calls.length).toBeGreaterThan(0);
      const ids = new Set(received().map(({ headers }) => headers['x-request-id']));
      const keys = new Set(received().map(({ headers }) => headers['idempotency-key']));
      expect([ids.size, keys.size]).toEqual([4, 4]);
      expect(received().every(({ headers }) => headers['x-idempotency-assigned'] === '1')).toBe(true);
    });

    it("keeps the client's own key", async () => {
      await withdraw({ 'idempotency-key': 'my-key' });
      expect(received()[0]?.headers['idempotency-key']).toBe('my-key');
      expect(received()[0]?.headers).not.toHaveProperty('x-idempotency-assigned');
    });
  });

  it('finishes what it has begun before it closes', async () => {
    let release: () => void = () => undefined;
    const reached = new Promise<void>((resolve) => {
      for (const stub of terminals) {
        stub.answers.set('*', (_call, response) => {
          release = () => stub.send(response, 200, {});
          resolve();
        });
      }
    });
    const answer = withdraw();
    await reached;
    const closed = app.close();
    release();
    expect((await answer).status).toBe(200);
    await closed;
  });

  it('answers what is no HTTP with a problem', async () => {
    const socket = connect(Number(new URL(address).port), '127.0.0.1');
    socket.end('this is not HTTP\r\n\r\n');
    let answer = '';
    for await (const chunk of socket) answer += String(chunk);
    expect(answer).toMatch(/^HTTP\/1\.1 400 [^]*application\/problem\+json[^]*urn:cashpoint:problem:malformed/);
  });

  describe('refuses', () => {
    const problemOf = async (answer: Response) => {
      expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/);
      expect(answer.headers.get('x-gateway')).toBe('gateway-1');
      expect(answer.headers.get('x-served-by')).toBe('gateway-1');
      const body = (await answer.json()) as Record<string, unknown>;
      expect(body['requestId']).toBe(answer.headers.get('x-request-id'));
      expect(body['status']).toBe(answer.status);
      return body['type'];
    };

    it.each([
      ['no terminal key', 'POST', '/v1/sessions', {}, 401],
      ['a wrong terminal key', 'POST', '/v1/sessions', { 'x-terminal-key': 'wrong' }, 401],
      ['no session token', 'GET', `/v1/sessions/${SESSION}/balance`, TERMINAL, 401],
      ['a malformed token', 'GET', `/v1/sessions/${SESSION}/balance`, { authorization: 'Bearer two words' }, 401],
      [
        'a wrong terminal key beside a token',
        'GET',
        `/v1/sessions/${SESSION}/balance`,
        { ...CARDHOLDER, 'x-terminal-key': 'x' },
        401,
      ],
      ['no operator token', 'GET', '/v1/operator/cluster', {}, 401],
      ['a session token for an operator', 'GET', '/v1/operator/audit', CARDHOLDER, 401],
      ['an unknown path', 'GET', '/v1/nothing', CARDHOLDER, 404],
      ['an unknown path outside the contract', 'GET', '/.env', {}, 404],
      ['another method', 'PATCH', '/v1/sessions', TERMINAL, 404],
      ['a malformed escape', 'GET', '/v1/sessions/%zz/balance', CARDHOLDER, 400],
      ['the inside from outside', 'GET', '/internal/status', {}, 401],
      ['internal paths of the services', 'GET', '/internal/terminals', {}, 404],
    ])('%s', async (_what, method, path, headers, status) => {
      const answer = await call(method, path, headers);
      expect(answer.status).toBe(status);
      await problemOf(answer);
      expect(received()).toHaveLength(0);
    });

    it.each([
      ['malformed JSON', JSON_TYPE, '{"amount":', 400],
      ['no body where one is needed', JSON_TYPE, '', 400],
      ['another type', { 'content-type': 'text/plain' }, '{"amount":1}', 415],
      ['a form', { 'content-type': 'application/x-www-form-urlencoded' }, 'amount=1', 415],
      ['a body beyond 16 KiB', JSON_TYPE, `{"a":"${'x'.repeat(16 * 1024)}"}`, 413],
      ['a malformed key', { ...JSON_TYPE, 'idempotency-key': 'two words' }, '{"amount":1}', 400],
      ['a key that is too long', { ...JSON_TYPE, 'idempotency-key': 'k'.repeat(129) }, '{"amount":1}', 400],
    ])('%s', async (_what, headers, body, status) => {
      const answer = await call('PUT', `/v1/withdrawals/${SESSION}/amount`, { ...CARDHOLDER, ...headers }, body);
      expect(answer.status).toBe(status);
      await problemOf(answer);
      expect(received()).toHaveLength(0);
    });

    it('who asks too much, with the time to wait', async () => {
      await restartGateway({ RATE_LIMIT_PER_SECOND: '5' });
      const answers = await Promise.all(Array.from({ length: 20 }, () => withdraw(TERMINAL)));
      const refused = answers.filter(({ status }) => status === 429);
      expect(refused.length).toBeGreaterThanOrEqual(10);
      expect(refused[0]?.headers.get('retry-after')).toBe('1');
      expect(await problemOf(refused[0] as Response)).toBe('urn:cashpoint:problem:too-many-requests');
    });

    it('who guesses, even with the right key in the end, and counts tokens that the service refused', async () => {
      await restartGateway({ AUTH_FAILURES_PER_MINUTE: '4' });
      for (const stub of terminals)
        stub.answers.set('*', (_call, response) => stub.send(response, 401, { status: 401 }));
      const operator = (token: string) => call('GET', '/v1/operator/cluster', { authorization: `Bearer ${token}` });
      expect((await operator('a')).status).toBe(401);
      expect((await call('POST', '/v1/sessions', { 'x-terminal-key': 'a' })).status).toBe(401);
      expect((await withdraw()).status).toBe(401);
      expect((await withdraw()).status).toBe(401);
      expect((await operator('demo-operator')).status).toBe(429);
      expect((await call('GET', '/health/live')).status).toBe(200);
    });

    it('with 503 and Retry-After where no replica is there', async () => {
      await withdraw(TERMINAL);
      await Promise.all(terminals.map((stub) => stub.stop()));
      expect((await call('GET', '/health/ready')).status).toBe(503);
      expect((await call('GET', '/health/live')).status).toBe(200);
    });

    it('terminals with 503 where the registry was never within reach', async () => {
      await restartGateway({ ATM_TERMINAL_ENDPOINTS: 'http://127.0.0.1:1' });
      const answer = await call('POST', '/v1/sessions', { ...TERMINAL, ...JSON_TYPE }, '{}');
      expect(answer.status).toBe(503);
      expect(answer.headers.get('retry-after')).toBe('1');
      expect(await problemOf(answer)).toBe('urn:cashpoint:problem:unavailable');
    }, 15_000);
  });

  describe('for operators', () => {
    const status = (name: string, role: string, broker: string) => ({
      ...{ name, kind: 'replica', role, state: 'up', pid: 42, version: '1', load: { calls: 3 }, broker },
      messaging: {
        broker,
        channels: [{ name: 'active', kind: 'redis', role: 'active', state: 'up', inUse: true }],
        ...{ unanswered: 2, oldestUnansweredSeconds: 1 },
      },
      database: { name: broker, role: 'primary', state: 'up' },
    });

    it('shows everything that runs, and what does not answer as down', async () => {
      const [one, two] = terminals;
      one.answers.set('GET /internal/status', (_call, response) =>
        one.send(response, 200, status(one.name, 'atm-terminal', 'terminal')),
      );
      two.answers.set('GET /internal/status', (_call, response) =>
        two.send(response, 200, status(two.name, 'atm-terminal', 'terminal')),
      );
      account.answers.set('GET /internal/status', (_call, response) =>
        account.send(response, 200, status(account.name, 'account', 'account-a')),
      );
      await call('GET', '/v1/operator/cluster', OPERATOR);
      two.answers.set('GET /internal/status', () => undefined);
      const answer = await call('GET', '/v1/operator/cluster', OPERATOR);
      expect(answer.status).toBe(200);
      const body = (await answer.json()) as Record<string, { name: string; state: string }[]>;
      const states = (members: { name: string; state: string }[] = []) =>
        members.map(({ name, state }) => [name, state]);
      expect(states(body['gateways'])).toEqual([['gateway-1', 'up']]);
      expect(states(body['replicas'])).toEqual([
        ['atm-terminal-1', 'up'],
        ['atm-terminal-2', 'down'],
        ['account-a-1', 'up'],
      ]);
      expect(states(body['brokers'])).toEqual([
        ['terminal', 'up'],
        ['account-a', 'up'],
      ]);
      expect(states(body['channels'])).toEqual([['active', 'up']]);
      expect(states(body['databases'])).toEqual([
        ['terminal', 'up'],
        ['account-a', 'up'],
      ]);
    });

    it('arms a fault in the replica that is named', async () => {
      account.answers.set('POST /internal/faults', (_call, response) => account.send(response, 204, null));
      const arm = (replica: string) =>
        call(
          'POST',
          '/v1/operator/faults',
          { ...OPERATOR, ...JSON_TYPE },
          JSON.stringify({ replica, point: 'p', action: 'kill' }),
        );
      expect((await arm('account-a-1')).status).toBe(204);
      const got = account.received.find(({ url }) => url === '/internal/faults');
      expect(JSON.parse(got?.body ?? '')).toEqual({ point: 'p', action: 'kill', times: 1 });
      expect((await arm('account-a-9')).status).toBe(404);
      expect((await call('POST', '/v1/operator/faults', { ...OPERATOR, ...JSON_TYPE }, '{"replica":1}')).status).toBe(
        400,
      );
    });

    it('has no audit where one side cannot be heard', async () => {
      terminals.forEach((stub) => stub.answers.set('*', (_call, response) => stub.send(response, 500, {})));
      expect((await call('GET', '/v1/operator/audit', OPERATOR)).status).toBe(503);
    });
  });

  it('describes itself, and everybody may read it', async () => {
    const document = (await (await call('GET', '/docs-json')).json()) as {
      openapi: string;
      paths: Record<string, object>;
    };
    expect(document.openapi).toBe('3.1.0');
    expect(Object.keys(document.paths)).toContain('/v1/withdrawals/{withdrawalId}/amount');
    const page = await call('GET', '/docs');
    expect(await page.text()).toContain('swagger-ui');
    expect(page.headers.get('content-security-policy')).toContain("default-src 'self'");
    await withdraw();
    expect(await (await call('GET', '/metrics')).text()).toContain(
      'http_requests_total{method="POST",route="/v1/sessions/:sessionId/withdrawals",status="200",replica="gateway-1"} 1',
    );
  });
});
