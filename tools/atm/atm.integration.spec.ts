import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { Atm, type AtmOptions } from './atm.js';
import { NoAnswerError } from './attempt.js';

const SESSION = {
  sessionId: 's',
  token: 't',
  expiresAt: '',
  card: { maskedNumber: '' },
  account: { accountId: 'a', currency: 'EUR' },
};

/** Goal: whatever happens to a gateway, the call is made once or nobody has an answer. Method: gateways that misbehave. */
describe('the ATM', () => {
  const servers: Server[] = [];
  const atms: Atm[] = [];

  const gateway = async (answer: RequestListener): Promise<string> => {
    const server = createServer(answer).listen(0, '127.0.0.1');
    servers.push(server);
    await once(server, 'listening');
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  };
  const atm = (gateways: string[], options: Partial<AtmOptions> = {}): Atm => {
    const made = new Atm({ gateways, terminalId: 'ATM-003', ...options });
    atms.push(made);
    return made;
  };
  const grants =
    (seen: IncomingMessage[] = []): RequestListener =>
    (request, response) => {
      seen.push(request);
      response
        .writeHead(201, { 'x-served-by': 'atm-terminal-1', 'x-gateway': 'gateway-2' })
        .end('{"state":"dispensed"}');
    };

  afterEach(async () => {
    await Promise.all(atms.splice(0).map((one) => one.close()));
    for (const server of servers.splice(0)) {
      server.closeAllConnections();
      server.close();
    }
  });

  it('repeats a call that was cut off at the next gateway, with the same key, and stays there', async () => {
    const cutOff: IncomingMessage[] = [];
    const served: IncomingMessage[] = [];
    const dies = await gateway((request) => {
      cutOff.push(request);
      request.socket.destroy();
    });
    const machine = atm([dies, await gateway(grants(served))]);
    const answer = await machine.withdraw(SESSION, 20_000);
    expect(answer).toMatchObject({ ok: true, status: 201, servedBy: 'atm-terminal-1', gateway: 'gateway-2' });
    expect(answer.failedAttempts).toHaveLength(1);
    const key = served[0]?.headers['idempotency-key'];
    expect(key).toMatch(/^[0-9a-f-]{36}$/);
    expect(cutOff[0]?.headers['idempotency-key']).toBe(key);
    expect(served[0]?.headers['x-terminal-key']).toBe('demo-key-ATM-003');

    await machine.withdraw(SESSION, 20_000);
    expect(cutOff).toHaveLength(1);
    expect(served[1]?.headers['idempotency-key']).not.toBe(key);
  });

  it('does not wait for a gateway that hangs', async () => {
    const hangs = await gateway(() => undefined);
    const machine = atm([hangs, await gateway(grants())], { attemptMsMax: 100 });
    expect(await machine.withdraw(SESSION, 20_000)).toMatchObject({ ok: true });
  });

  it('takes a refusal for an answer, and does not try its luck elsewhere', async () => {
    const elsewhere: IncomingMessage[] = [];
    const refuses = await gateway((_request, response) => {
      response.writeHead(503, { 'content-type': 'application/problem+json' }).end('{"status":503,"title":"no host"}');
    });
    const machine = atm([refuses, await gateway(grants(elsewhere))]);
    expect(await machine.balance(SESSION)).toMatchObject({ ok: false, status: 503, problem: { title: 'no host' } });
    expect(elsewhere).toHaveLength(0);
  });

  it('says that nobody knows when no gateway answers until the deadline', async () => {
    const dies = await gateway((request) => request.socket.destroy());
    await expect(atm([dies], { callMsMax: 300 }).withdraw(SESSION, 20_000)).rejects.toThrow(NoAnswerError);
  });
});
