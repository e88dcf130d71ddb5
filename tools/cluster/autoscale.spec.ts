import { afterEach, describe, expect, it } from '@jest/globals';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Autoscaler, sizeFor } from './autoscale.js';
import type { MemberRecord } from './cluster-record.js';

describe('the size of a group', () => {
  const bounds = { min: 2, max: 6 };

  it.each([
    { present: 3, wishes: [1, 4, 2], size: 4, why: 'the one that sees most decides' },
    { present: 3, wishes: [1, 1, 1], size: 2, why: 'never fewer than the minimum' },
    { present: 3, wishes: [40], size: 6, why: 'never more than the maximum' },
    { present: 3, wishes: [], size: 3, why: 'nobody answers: nothing changes' },
  ])('$why', ({ present, wishes, size }) => {
    expect(sizeFor(present, wishes, bounds)).toBe(size);
  });
});

describe('the autoscaler', () => {
  let server: Server | undefined;
  afterEach(() => void server?.close());

  it('reads the metric of every replica of each account broker and scales its group', async () => {
    server = createServer((_request, response) =>
      response.end('# TYPE activation_desired_replicas gauge\nactivation_desired_replicas{replica="account-a-1"} 3\n'),
    );
    await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const record = (name: string, kind: string) => ({ name, kind, url }) as MemberRecord;
    const scaled = new Promise<unknown>((resolve) => {
      const autoscaler = new Autoscaler(
        {
          records: [record('account-a-1', 'account'), record('atm-terminal-1', 'atm-terminal')],
          scale: async (what, count) => resolve({ what, count }),
        },
        { min: 1, max: 6 },
        () => void autoscaler.stop(),
      );
      autoscaler.start();
    });
    expect(await scaled).toMatchObject({ what: 'account-a', count: 3 });
  });
});
