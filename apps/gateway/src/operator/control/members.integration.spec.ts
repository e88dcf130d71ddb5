import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { pino } from 'pino';
import { readGatewayConfig } from '../../config.js';
import { createGateway } from '../../gateway.js';
import { StubService } from '../../testing/stub-service.js';

const OPERATOR = { authorization: 'Bearer demo-operator' };

/** Long enough for every profile. */
const SECRET = 'a-secret-of-the-tests-and-of-nothing-else';

describe('what operators do to members', () => {
  let replica: StubService;
  let supervisor: StubService;
  let app: NestFastifyApplication | undefined;

  beforeEach(async () => {
    replica = await new StubService('account-a-1').start();
    supervisor = await new StubService('supervisor').start();
  });
  afterEach(async () => {
    await app?.close();
    await Promise.all([replica.stop(), supervisor.stop()]);
  });

  const supervised = () => ({ SUPERVISOR_URL: supervisor.url, SUPERVISOR_TOKEN: 'control' });

  async function gateway(environment: Record<string, string>): Promise<void> {
    const config = readGatewayConfig({
      CASHPOINT_PROFILE: 'demo',
      ATM_TERMINAL_ENDPOINTS: replica.url,
      ACCOUNT_ENDPOINTS: `account-a=${replica.url}`,
      ...environment,
    });
    app = await createGateway(config, pino({ level: 'silent' }));
    await app.listen(0, '127.0.0.1');
  }

  async function post(path: string, body?: object, headers: Record<string, string> = OPERATOR): Promise<Response> {
    const content = body === undefined ? {} : { body: JSON.stringify(body) };
    const type = body === undefined ? {} : { 'content-type': 'application/json' };
    const url = `${await app?.getUrl()}/v1/operator/${path}`;
    return fetch(url, { method: 'POST', headers: { ...headers, ...type }, ...content });
  }

  const orders = () => supervisor.received.map(({ body }) => JSON.parse(body) as unknown);

  it('goes to the supervisor, with its token', async () => {
    await gateway(supervised());
    for (const action of ['kill', 'pause', 'resume', 'start'])
      expect((await post(`members/account-a-1/${action}`)).status).toBe(204);
    expect((await post('scale', { what: 'account', count: 4 })).status).toBe(204);
    const name = 'account-a-1';
    expect(orders()).toEqual([
      { do: 'kill', name, signal: 'SIGKILL' },
      { do: 'kill', name, signal: 'SIGSTOP' },
      { do: 'kill', name, signal: 'SIGCONT' },
      { do: 'kill', name, signal: 'SIGCONT' },
      { do: 'start', name },
      { do: 'scale', what: 'account', count: 4 },
    ]);
    expect(supervisor.received[0]?.headers.authorization).toBe('Bearer control');
  });

  it('is refused in the words of the supervisor', async () => {
    await gateway(supervised());
    supervisor.answers.set('*', (_call, response) => supervisor.send(response, 409, { error: 'there is no x' }));
    const answer = await post('members/x/kill');
    expect([answer.status, await answer.json()]).toEqual([409, expect.objectContaining({ detail: 'there is no x' })]);
    await supervisor.stop();
    expect((await post('members/x/kill')).status).toBe(503);
  });

  it('is, without a supervisor, only a death that a replica brings on itself', async () => {
    await gateway({});
    replica.answers.set('POST /internal/faults', (_call, response) => replica.send(response, 204, null));
    expect((await post('members/account-a-1/kill')).status).toBe(204);
    const armed = replica.received.find(({ url }) => url === '/internal/faults');
    expect(JSON.parse(armed?.body ?? '')).toEqual({ point: 'now', action: 'kill', times: 1 });
    const pause = await post('members/account-a-1/pause');
    expect([pause.status, await pause.json()]).toEqual([501, expect.objectContaining({ title: expect.any(String) })]);
  });

  it('does not exist outside the demo profile, nor for strangers', async () => {
    await gateway({ ...supervised(), CASHPOINT_PROFILE: 'production', OPERATOR_TOKEN: SECRET, CLUSTER_KEY: SECRET });
    const operator = { authorization: `Bearer ${SECRET}` };
    expect((await post('members/account-a-1/kill', undefined, operator)).status).toBe(404);
    expect((await post('scale', { what: 'account', count: 4 }, operator)).status).toBe(404);
    expect((await post('members/account-a-1/kill')).status).toBe(401);
    expect(orders()).toEqual([]);
  });

  it.each([
    ['members/.%2F..%2Fx/kill', undefined, 404],
    ['scale', { what: 'account', count: 1_000 }, 400],
    ['scale', { what: '$(x)', count: 1 }, 400],
  ])('is refused for %s %j', async (path, body, status) => {
    await gateway(supervised());
    expect((await post(path, body)).status).toBe(status);
    expect(orders()).toEqual([]);
  });
});
