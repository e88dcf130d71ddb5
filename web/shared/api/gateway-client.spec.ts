import { describe, expect, it, jest } from '@jest/globals';
import { NoAnswerError } from './attempt.js';
import { type CallEvent, GatewayClient } from './gateway-client.js';

const ONE = 'http://bank:8080';
const TWO = 'http://bank:8081';

interface Sent {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** Stands for the network: the gateways named `dead` refuse connections, the others answer `status` and `body`. */
function network({
  dead = [],
  status = 200,
  body = '{}',
}: {
  dead?: readonly string[];
  status?: number;
  body?: string;
}) {
  const sent: Sent[] = [];
  const send = ((url: string, request: { headers: Record<string, string> }) => {
    sent.push({ url, headers: request.headers });
    if (dead.some((origin) => url.startsWith(origin))) return Promise.reject(new TypeError('Failed to fetch'));
    const headers = { 'x-gateway': 'gateway-2', 'x-served-by': 'atm-terminal-1', 'idempotency-replayed': 'true' };
    return Promise.resolve(new Response(body, { status, headers }));
  }) as unknown as typeof fetch;
  return { sent, send };
}

describe('the way into the cluster', () => {
  it('repeats a call that found its gateway dead at the next one, with the same key, and stays there', async () => {
    const { sent, send } = network({ dead: [ONE] });
    const events: CallEvent[] = [];
    const client = new GatewayClient({ origins: [ONE, TWO], fetch: send, observe: (event) => events.push(event) });
    const reply = await client.call({ method: 'POST', path: '/v1/sessions', body: { pin: '987654321012' } });
    expect(reply).toMatchObject({ ok: true, gateway: 'gateway-2', servedBy: 'atm-terminal-1', replayed: true });
    expect(sent.map(({ url }) => url)).toEqual([`${ONE}/v1/sessions`, `${TWO}/v1/sessions`]);
    expect(new Set(sent.map(({ headers }) => headers['idempotency-key'])).size).toBe(1);
    expect(events.map(({ kind, origin }) => `${kind} ${origin}`)).toEqual([
      `sent ${ONE}`,
      `lost ${ONE}`,
      `sent ${TWO}`,
      `answered ${TWO}`,
    ]);
    expect(JSON.stringify(events)).not.toContain('987654321012');
    await client.call({ method: 'GET', path: '/v1/next' });
    expect(sent.at(-1)?.url).toBe(`${TWO}/v1/next`);
    expect(sent.at(-1)?.headers['idempotency-key']).toBeUndefined();
  });

  it('takes a refusal for an answer', async () => {
    const { send, sent } = network({ status: 403, body: '{"detail":"no"}' });
    const reply = await new GatewayClient({ origins: [ONE, TWO], fetch: send }).call({ method: 'GET', path: '/' });
    expect(reply).toMatchObject({ ok: false, status: 403, problem: { detail: 'no' } });
    expect(sent).toHaveLength(1);
  });

  it('gives up when the call has taken too long', async () => {
    const { send, sent } = network({ dead: [ONE, TWO] });
    const client = new GatewayClient({ origins: [ONE, TWO], fetch: send });
    await expect(client.call({ method: 'GET', path: '/', callMsMax: 20 })).rejects.toThrow(NoAnswerError);
    expect(sent.length).toBeGreaterThanOrEqual(2);
  });

  it('comes back to a cluster that is away ever more seldom', async () => {
    const { send, sent } = network({ dead: [ONE, TWO] });
    const client = new GatewayClient({ origins: [ONE, TWO], fetch: send });
    jest.useFakeTimers();
    try {
      const roundsIn = async (milliseconds: number) => {
        const before = sent.length;
        await jest.advanceTimersByTimeAsync(milliseconds);
        return (sent.length - before) / 2;
      };
      const call = client.call({ method: 'GET', path: '/' }).catch(() => undefined);
      expect(await roundsIn(1_000)).toBeGreaterThanOrEqual(2);
      await roundsIn(6_000);
      // Between 0.8 and 2.4 s each.
      const later = await roundsIn(8_000);
      expect(later).toBeGreaterThanOrEqual(3);
      expect(later).toBeLessThanOrEqual(11);
      void call;
    } finally {
      jest.useRealTimers();
    }
  });

  it('moves on once for several calls that saw the same gateway fail', () => {
    const client = new GatewayClient({ origins: [ONE, TWO], fetch: network({}).send });
    client.moveOn(ONE);
    client.moveOn(ONE);
    expect(client.origin).toBe(TWO);
  });
});
