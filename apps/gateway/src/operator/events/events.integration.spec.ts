import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { pino } from 'pino';
import { OPERATOR_EVENTS, type OperatorEventKind } from '#contracts';
import { readGatewayConfig } from '../../config.js';
import { createGateway } from '../../gateway.js';
import { TestListener } from '../../testing/listen.js';
import { StubService } from '../../testing/stub-service.js';
import { eventually } from '../../../../../tools/eventually.js';

const OPERATOR = { authorization: 'Bearer demo-operator' };

/** Goal: the stream of events as a client sees it. Method: a whole gateway over sockets, stub replicas behind it. */
describe('operator events', () => {
  let terminal: StubService;
  let account: StubService;
  let app: NestFastifyApplication;
  let url: string;
  const listeners: TestListener[] = [];

  beforeEach(async () => {
    terminal = await new StubService('atm-terminal-1').start();
    account = await new StubService('account-a-1').start();
    for (const [stub, broker] of [
      [terminal, 'terminal'],
      [account, 'account-a'],
    ] as const) {
      stub.answers.set('GET /internal/terminals', (_call, response) => stub.send(response, 200, []));
      stub.answers.set('GET /internal/status', (_call, response) =>
        stub.send(response, 200, {
          ...{ name: stub.name, kind: 'replica', role: broker, state: 'up', pid: 7, version: '1', load: {}, broker },
          database: { name: broker, role: 'primary', state: 'up' },
        }),
      );
    }
    terminal.answers.set('GET /internal/money', (_call, response) =>
      terminal.send(response, 200, { cash: '500', suspense: '0', inFlight: '20' }),
    );
    account.answers.set('GET /internal/money', (_call, response) =>
      account.send(response, 200, { ledger: '0', customers: '900', held: '30' }),
    );
    await startGateway();
  });

  async function startGateway(environment: Record<string, string> = {}): Promise<void> {
    const config = readGatewayConfig({
      CASHPOINT_PROFILE: 'demo',
      REPLICA_NAME: 'gateway-1',
      ATM_TERMINAL_ENDPOINTS: terminal.url,
      ACCOUNT_ENDPOINTS: `account-a=${account.url}`,
      ...environment,
    });
    app = await createGateway(config, pino({ level: 'silent' }));
    await app.listen(0, '127.0.0.1');
    url = `${await app.getUrl()}/v1/operator/events`;
  }

  afterEach(async () => {
    listeners.splice(0).forEach((listener) => listener.close());
    await app.close();
    await Promise.all([terminal.stop(), account.stop()]);
  });

  async function listen(headers: Record<string, string> = {}): Promise<TestListener> {
    const listener = await TestListener.open(url, { ...OPERATOR, ...headers });
    listeners.push(listener);
    return listener;
  }

  const looks = () => account.received.filter(({ url: path }) => path === '/internal/status').length;

  it('begin with the cluster, its traffic and its money, as the contract has them', async () => {
    const listener = await listen();
    expect(listener.answer.statusCode).toBe(200);
    expect(listener.answer.headers).toMatchObject({ 'content-type': 'text/event-stream', 'x-gateway': 'gateway-1' });
    await eventually('an event of each kind', () =>
      ['cluster', 'traffic', 'money'].every((kind) => listener.of(kind).length > 0),
    );
    for (const { event, data } of listener.events)
      expect(OPERATOR_EVENTS[event as OperatorEventKind].safeParse(data).error).toBeUndefined();
    expect(listener.of('cluster')[0]).toMatchObject({ cluster: { replicas: [{ state: 'up' }, { state: 'up' }] } });
    expect(listener.of('money')[0]).toMatchObject({ ledger: 0, customers: 900, held: 30, cash: 500, inFlight: 20 });
  });

  it('tell of a death at once, and keep quiet about what has not changed', async () => {
    const listener = await listen();
    await eventually('three looks', () => listener.of('traffic').length >= 3);
    expect(listener.of('cluster')).toHaveLength(1);
    await account.stop();
    const [notice] = await eventually('the news', () => listener.of('notice').length > 0 && listener.of('notice'));
    expect(notice).toMatchObject({ what: 'down', kind: 'replica', member: 'account-a-1' });
    expect(listener.of('cluster').at(-1)).toMatchObject({ cluster: { brokers: [{ state: 'up' }, { state: 'down' }] } });
    await eventually('no sum without its parts', () => listener.of('money').at(-1)?.['customers'] === null);
    expect(listener.of('money').at(-1)).toMatchObject({ ledger: null, cash: 500 });
  });

  it('go on where a listener broke off', async () => {
    const first = await listen();
    await eventually('some events', () => first.events.length >= 4);
    const seen = first.events.at(-1)?.id ?? '';
    first.close();
    const second = await listen({ 'last-event-id': seen });
    await eventually('the next event', () => second.events.length > 0);
    const numberOf = (id = '') => Number(id.split('-')[1]);
    expect(numberOf(second.events[0]?.id)).toBe(numberOf(seen) + 1);
  });

  it('cost nothing while nobody listens, and no more for many than for one', async () => {
    expect(looks()).toBe(0);
    const many = await Promise.all(Array.from({ length: 10 }, () => listen()));
    await eventually('a traffic event for each', () => many.every((one) => one.of('traffic').length >= 2));
    expect(looks()).toBeLessThanOrEqual((many[0]?.of('traffic').length ?? 0) + 1);
  });

  it('are for operators, and for no more of them than a gateway can bear', async () => {
    const stranger = await TestListener.open(url, { authorization: 'Bearer somebody' });
    expect(stranger.answer.statusCode).toBe(401);
    await Promise.all(Array.from({ length: 32 }, () => listen()));
    const oneTooMany = await listen();
    expect(oneTooMany.answer.statusCode).toBe(503);
    expect(oneTooMany.answer.headers['retry-after']).toBe('5');
    listeners.shift()?.close();
    await eventually('a place is free', async () => (await listen()).answer.statusCode === 200);
  });

  it('call a gateway by its name that was dead before anybody listened here', async () => {
    const other = await new StubService('gateway-2').start();
    const status = { name: 'gateway-2', kind: 'gateway', role: 'gateway', state: 'up', pid: 8, version: '1', load: {} };
    other.answers.set('GET /internal/status', (_call, response) => other.send(response, 200, status));
    await app.close();
    await startGateway({ GATEWAY_ENDPOINTS: other.url });
    // What the other gateway does while somebody listens there.
    const asked = await fetch(url.replace('/v1/operator/events', '/internal/status'), {
      headers: { 'x-cluster-key': 'demo-cluster-key' },
    });
    expect(asked.status).toBe(200);
    await eventually('it has asked back', () => other.received.some(({ url: path }) => path === '/internal/status'));
    await other.stop();
    const listener = await listen();
    await eventually('the cluster', () => listener.of('cluster').length > 0);
    expect(listener.of('cluster')[0]).toMatchObject({
      cluster: { gateways: [{ name: 'gateway-1' }, { name: 'gateway-2', state: 'down' }] },
    });
  });

  it('end when the gateway closes, so that it can', async () => {
    const listener = await listen();
    await app.close();
    await eventually('the end', () => listener.ended);
  });
});
