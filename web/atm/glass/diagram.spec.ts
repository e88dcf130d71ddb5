import { describe, expect, it } from '@jest/globals';
import type { TrailBody, TrailStep } from '#contracts';
import type { CallEvent } from '../../shared/api/gateway-client.js';
import { type CallRecord, withEvent } from './call-log.js';
import { diagramOf } from './diagram.js';

const ID = '0192f0c1-3c8b-5d4e-8f5a-6b7c8d9e0f1a';

type Told = Pick<CallEvent, 'kind' | 'origin'> & { callId: string; method?: string; path?: string; servedBy?: string };

/** What the client tells of calls, in order. */
function logOf(...told: Told[]): readonly CallRecord[] {
  const attempts = new Map<string, number>();
  return told.reduce<readonly CallRecord[]>((calls, { kind, callId, origin, method, path, servedBy }, at) => {
    const attempt = (attempts.get(callId) ?? 0) + (kind === 'sent' ? 1 : 0);
    attempts.set(callId, attempt);
    const reply = { status: 200, servedBy: servedBy ?? 'atm-terminal-1', gateway: 'gateway-2', replayed: attempt > 1 };
    return withEvent(calls, { kind, callId, origin, at, method, path, attempt, reply, reason: 'gone' } as CallEvent);
  }, []);
}

const step = (kind: TrailStep['kind'], replica: string | null = null, detail: string | null = null): TrailStep => ({
  at: '2026-01-01T00:00:00.000Z',
  kind,
  replica,
  mti: null,
  detail,
});

describe('the diagram behind the glass', () => {
  it('shows lost attempts in one line, the gateway that took over, and that the answer was a stored one', () => {
    const [one, two] = ['http://bank:8080', 'http://bank:8081'];
    const calls = logOf(
      { kind: 'sent', callId: 'a', origin: one, method: 'PUT', path: `/v1/withdrawals/${ID}/amount` },
      { kind: 'lost', callId: 'a', origin: one },
      { kind: 'sent', callId: 'a', origin: one },
      { kind: 'lost', callId: 'a', origin: one },
      { kind: 'sent', callId: 'a', origin: two },
      { kind: 'answered', callId: 'a', origin: two },
    );
    expect(diagramOf(calls, null)).toMatchObject([
      { what: 'lost-call', to: 'gateway', by: 'bank:8080', times: 2, call: 'PUT /withdrawals/…/amount', mti: '0100' },
      { what: 'call', to: 'terminal', by: 'gateway-2 → atm-terminal-1', tone: 'repeat', answered: true },
    ]);
  });

  it('draws what happened inside the call that took the cash below it, the message after it, and the farewell last', () => {
    const origin = 'http://bank:8080';
    const calls = logOf(
      { kind: 'sent', callId: 'a', origin, method: 'POST', path: '/v1/sessions/s/withdrawals' },
      { kind: 'sent', callId: 'b', origin, method: 'PUT', path: `/v1/withdrawals/${ID}/amount` },
      { kind: 'sent', callId: 'c', origin, method: 'GET', path: `/v1/withdrawals/${ID}` },
      { kind: 'sent', callId: 'd', origin, method: 'GET', path: `/v1/withdrawals/${ID}/trail` },
      { kind: 'sent', callId: 'e', origin, method: 'GET', path: `/v1/sessions/${ID}/balance` },
      { kind: 'sent', callId: 'f', origin, method: 'DELETE', path: `/v1/sessions/${ID}` },
    );
    const steps: TrailStep['kind'][] = [
      'selected',
      'balance-asked',
      'balance-served',
      'authorised',
      'dispensed',
      'balance-heard',
      'sent',
      'repeated',
      'settled',
    ];
    const trail = {
      withdrawal: { withdrawalId: ID },
      steps: steps.map((kind) => step(kind)),
      message: { state: 'answered' },
    } as unknown as TrailBody;
    expect(diagramOf(calls, trail).map(({ what, call }) => call ?? what)).toEqual([
      'POST /sessions/s/withdrawals',
      'balance-asked',
      'balance-served',
      'PUT /withdrawals/…/amount',
      'authorised',
      'dispensed',
      'balance-heard',
      'sent',
      'repeated',
      'settled',
      'GET /sessions/…/balance',
      'DELETE /sessions/…',
    ]);
  });

  it('draws the trail at the last withdrawal of a visit only, and the balance request while there is no amount yet', () => {
    const origin = 'http://bank:8080';
    const earlier = ID.replace('0192', '0191');
    const calls = logOf(
      { kind: 'sent', callId: 'a', origin, method: 'POST', path: '/v1/sessions/s/withdrawals' },
      { kind: 'sent', callId: 'b', origin, method: 'PUT', path: `/v1/withdrawals/${earlier}/amount` },
      { kind: 'sent', callId: 'c', origin, method: 'POST', path: '/v1/sessions/s/withdrawals' },
    );
    const steps = [
      step('selected'),
      step('balance-asked', 'atm-terminal-1', '1'),
      step('balance-asked-again', 'atm-terminal-1', '2'),
      step('balance-unknown', null, 'timed-out'),
    ];
    const trail = { withdrawal: { withdrawalId: ID }, steps, message: null } as unknown as TrailBody;
    expect(diagramOf(calls, trail).map(({ what, tone }) => [what, tone])).toEqual([
      ['call', 'plain'],
      ['call', 'plain'],
      ['call', 'plain'],
      ['balance-asked', 'message'],
      ['balance-asked-again', 'repeat'],
      ['balance-unknown', 'lost'],
    ]);
  });

  it('shows an advice that has no answer yet as waiting, and stays short', () => {
    const steps = Array.from({ length: 64 }, (_, index) => step('sent-again', 'atm-terminal-1', String(index)));
    const message = { state: 'queued', attempts: 64, mti: '0220' };
    const trail = { withdrawal: { withdrawalId: ID }, steps, message } as unknown as TrailBody;
    const rows = diagramOf([], trail);
    expect(rows).toHaveLength(40);
    expect(rows.at(-1)).toMatchObject({ tone: 'waiting', mti: '0220', detail: '64' });
  });
});
