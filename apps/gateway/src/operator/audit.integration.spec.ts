import type { ServerResponse } from 'node:http';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { pino } from 'pino';
import { readGatewayConfig } from '../config.js';
import { StubService } from '../testing/stub-service.js';
import { Upstreams } from '../upstreams.js';
import { Audit } from './audit.js';

const TEN_MINUTES_MS = 600_000;

describe('an audit', () => {
  let terminals: [StubService, StubService];
  let upstreams: Upstreams;

  beforeEach(async () => {
    terminals = [await new StubService('one').start(), await new StubService('two').start()];
    const config = readGatewayConfig({
      CASHPOINT_PROFILE: 'demo',
      REPLICA_NAME: 'gateway-1',
      ATM_TERMINAL_ENDPOINTS: terminals.map(({ url }) => url).join('|'),
      ACCOUNT_ENDPOINTS: 'account-a=http://127.0.0.1:1',
    });
    upstreams = new Upstreams(config, pino({ level: 'silent' }));
  });

  afterEach(async () => {
    jest.useRealTimers();
    await Promise.all(terminals.map((stub) => stub.stop()));
    await upstreams.onApplicationShutdown();
  });

  it('of a large bank is waited for, and not begun again at another replica meanwhile', async () => {
    const audits = () => terminals.flatMap(({ received }) => received).filter(({ url }) => url === '/internal/audit');
    const asked = new Promise<[StubService, ServerResponse]>((resolve) => {
      for (const stub of terminals) {
        stub.answers.set('GET /internal/audit', (_call, response) =>
          audits().length === 1 ? resolve([stub, response]) : stub.send(response, 418, {}),
        );
      }
    });
    jest.useFakeTimers({ doNotFake: ['nextTick', 'queueMicrotask', 'setImmediate', 'performance', 'hrtime'] });
    const refused = expect(new Audit(upstreams).read()).rejects.toThrow('status 418');
    const [stub, response] = await asked;
    await jest.advanceTimersByTimeAsync(TEN_MINUTES_MS);
    stub.send(response, 418, {});
    await refused;
    expect(audits()).toHaveLength(1);
  });
});
