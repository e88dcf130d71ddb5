import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { WithdrawalBody } from '#contracts';
import { granted, sessionOf } from '../tools/atm/demo-customers.js';
import { Bank } from './cluster/bank.js';
import { eventually } from '../tools/eventually.js';

const TRACE_ID = '0af7651916cd43dd8448eb211c80319c';

/** Goal: all that one withdrawal made anybody do can be found in the logs by the trace id of the client's one request. */
describe('the trace of a withdrawal', () => {
  let bank: Bank;
  beforeAll(async () => {
    bank = await Bank.open({ gateways: 1, terminals: 1, accounts: 1, environment: { LOG_LEVEL: 'debug' } });
  }, 60_000);
  afterAll(() => bank?.close(), 30_000);

  it('goes with HTTP calls and messages through gateway, terminal and account', async () => {
    const atm = bank.atm();
    const session = await sessionOf(atm, 7);
    const response = await fetch(`${bank.gateways[0]}/v1/sessions/${session.sessionId}/withdrawals`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${session.token}`,
        'x-terminal-key': 'demo-key-ATM-001',
        'content-type': 'application/json',
        traceparent: `00-${TRACE_ID}-b7ad6b7169203331-01`,
      },
      body: JSON.stringify({ amount: 20_000 }),
    });
    expect(response.status).toBe(201);
    expect(response.headers.get('traceparent')).toBeNull();
    const { withdrawalId } = (await response.json()) as WithdrawalBody;
    expect(granted(await atm.untilEnded(session, withdrawalId))).toMatchObject({ state: 'settled' });

    const traced = (replica: string) =>
      bank.cluster
        .log(replica, 5_000)
        .split('\n')
        .filter((line) => line.includes(`"traceId":"${TRACE_ID}"`));
    const lines = (replica: string, ...parts: string[]) =>
      eventually(`${parts.join()} in the log of ${replica}`, () =>
        parts.every((part) => traced(replica).some((line) => line.includes(part))),
      );
    await lines('gateway-1', '"route":"/v1/sessions/:sessionId/withdrawals"');
    await lines('atm-terminal-1', '"route":"/v1/sessions/:sessionId/withdrawals"', 'message answered');
    await lines('account-a-1', 'authorisation answered', '"type":"completion-advice"');
    // The session was opened, and the withdrawal asked for until it was settled, in traces of their own.
    expect(traced('gateway-1')).toHaveLength(1);
  }, 60_000);
});
