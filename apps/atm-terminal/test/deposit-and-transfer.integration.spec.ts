import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { DepositReceipt, TerminalAudit, TerminalBody, TransferReceipt } from '#contracts';
import { TerminalBroker, type Call, type OpenedSession, type TestReplica } from './terminal-broker.js';

describe('deposits, transfers and replenishment', () => {
  let broker: TerminalBroker;
  let replica: TestReplica;
  let session: OpenedSession;

  beforeAll(async () => {
    broker = await TerminalBroker.create();
    replica = await broker.replica();
    broker.host.account('ACC-5001', 50_000n);
    broker.host.account('ACC-5002', 0n);
    session = await replica.openSession('4000000000005001');
  }, 30_000);

  afterAll(async () => {
    const audit = await replica.call<TerminalAudit>('GET', '/internal/audit');
    await broker.close();
    expect(audit.body.checks.filter(({ ok }) => !ok)).toEqual([]);
  }, 30_000);

  const post = <Body>(what: string, body: unknown, call: Call = {}) =>
    replica.call<Body>('POST', `/v1/sessions/${session.sessionId}/${what}`, { token: session.token, body, ...call });

  it('takes notes in once, and says settled where the host answers in time', async () => {
    const notes = [
      { denomination: 5_000, count: 1 },
      { denomination: 1_000, count: 2 },
      { denomination: 5_000, count: 2 },
    ];
    const taken = post<DepositReceipt>('deposits', { notes }, { key: 'deposit-1' });
    while ((await broker.advices()).length === 0) await new Promise((resolve) => setTimeout(resolve, 10));
    expect(await broker.advices()).toMatchObject([{ type: 'deposit-advice', body: { amount: '17000' } }]);
    await broker.answerAdvices();
    expect(await taken).toMatchObject({ status: 201, body: { amount: 17_000, state: 'settled', currency: 'EUR' } });
    const again = await post<DepositReceipt>('deposits', { notes }, { key: 'deposit-1' });
    expect(again).toEqual({ ...(await taken), replayed: true });
    expect(await broker.advices()).toEqual([]);
  });

  it('says accepted where the host does not answer in time, and the repeat goes on from there', async () => {
    const notes = [{ denomination: 2_000, count: 5 }];
    const first = await post<DepositReceipt>('deposits', { notes }, { assignedKey: 'deposit-2' });
    expect(first).toMatchObject({ status: 201, body: { state: 'accepted', settledAt: null } });
    await broker.answerAdvices();
    const again = await post<DepositReceipt>('deposits', { notes }, { assignedKey: 'deposit-2' });
    expect(again.body).toMatchObject({ depositId: first.body.depositId, state: 'settled' });
  });

  it('takes no notes that it does not know', async () => {
    expect((await post('deposits', { notes: [{ denomination: 500, count: 1 }] })).status).toBe(422);
    expect((await post('deposits', { notes: [] })).status).toBe(400);
  });

  it('transfers once; every repeat asks the host the very same', async () => {
    const body = { toAccountId: 'ACC-5002', amount: 1_000 };
    const first = await post<TransferReceipt>('transfers', body, { key: 'transfer-1' });
    expect(first).toMatchObject({ status: 201, body: { state: 'posted', responseCode: '00', amount: 1_000 } });
    expect(await post('transfers', body, { key: 'transfer-1' })).toEqual({ ...first, replayed: true });
    expect((await post('transfers', { ...body, amount: 2_000 }, { key: 'transfer-1' })).status).toBe(422);
    broker.host.reachable = false;
    expect((await post('transfers', body, { assignedKey: 'transfer-2' })).status).toBe(503);
    broker.host.reachable = true;
    expect((await post('transfers', body, { assignedKey: 'transfer-2' })).status).toBe(201);
    const [asked, askedAgain] = broker.host.transfers.slice(-2);
    expect(askedAgain).toEqual(asked);
  });

  it('declines a transfer for want of money, and knows neither its own account nor unknown ones as targets', async () => {
    const declined = await post('transfers', { toAccountId: 'ACC-5002', amount: 60_000 });
    expect(declined).toMatchObject({ status: 200, body: { state: 'declined', responseCode: '51' } });
    expect((await post('transfers', { toAccountId: 'ACC-9999', amount: 1_000 })).status).toBe(404);
    expect((await post('transfers', { toAccountId: 'ACC-5001', amount: 1_000 })).status).toBe(400);
  });

  it('fills the cassettes up, once per request, and no further than they can hold', async () => {
    const path = '/v1/operator/terminals/ATM-007';
    await broker.rows(`UPDATE cassette SET loaded = 100, remaining = 100 WHERE terminal_id = 'ATM-007'`);
    const some = { notes: [{ denomination: 5_000, count: 900 }] };
    const loaded = await replica.call<TerminalBody>('POST', `${path}/replenish`, { body: some, assignedKey: 'load-1' });
    expect(loaded.status).toBe(200);
    await replica.call('POST', `${path}/replenish`, { body: some, assignedKey: 'load-1' });
    const fifties = async () =>
      (await replica.call<TerminalBody>('GET', path)).body.cassettes.find(({ denomination }) => denomination === 5_000);
    expect(await fifties()).toMatchObject({ loaded: 1_000, remaining: 1_000, capacity: 25_000 });
    const tooMany = { notes: [{ denomination: 5_000, count: 24_001 }] };
    expect((await replica.call('POST', `${path}/replenish`, { body: tooMany })).status).toBe(422);
    await replica.call('POST', `${path}/replenish`, { body: {} });
    expect(await fifties()).toMatchObject({ loaded: 25_000, remaining: 25_000 });
    expect((await replica.call('GET', '/v1/operator/terminals/ATM-999')).status).toBe(404);
  });
});
