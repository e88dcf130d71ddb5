import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { operatorWithdrawalsSchema, type OperatorWithdrawals, type TerminalMoney } from '#contracts';
import { TerminalBroker, type TestReplica } from './terminal-broker.js';

describe('what operators see of the terminals', () => {
  let broker: TerminalBroker;
  let replica: TestReplica;

  beforeAll(async () => {
    broker = await TerminalBroker.create();
    replica = await broker.replica();
  }, 30_000);
  afterAll(() => broker.close(), 30_000);

  const recent = (limit: number) => replica.call<OperatorWithdrawals>('GET', `/v1/operator/withdrawals?limit=${limit}`);
  const money = async () => (await replica.call<TerminalMoney>('GET', '/internal/money')).body;

  async function takeCash(card: number, terminal: string, amount = 5_000): Promise<string> {
    broker.host.account(`ACC-${card}`, 100_000n);
    const session = await replica.openSession(`400000000000${card}`, terminal);
    return (await replica.withdraw(session, amount)).body.withdrawalId;
  }

  it('is the withdrawals that moved last, whatever terminal they are at, newest first', async () => {
    expect((await recent(5)).body).toEqual({ withdrawals: [] });
    const ids: string[] = [];
    for (const [index, terminal] of ['ATM-001', 'ATM-002', 'ATM-001', 'ATM-003'].entries())
      ids.push(await takeCash(2_000 + index, terminal));
    const { status, body } = await recent(3);
    expect(status).toBe(200);
    expect(operatorWithdrawalsSchema.safeParse(body).error).toBeUndefined();
    expect(body.withdrawals.map(({ withdrawalId }) => withdrawalId)).toEqual(ids.slice(1).reverse());
    expect(body.withdrawals[0]).toMatchObject({ accountId: 'ACC-2003', terminalId: 'ATM-003', state: 'dispensed' });
    expect((await recent(1_000)).status).toBe(400);
  });

  it('is where the money is: cassettes, and what the host has not answered', async () => {
    await broker.answerAdvices();
    const before = await money();
    expect(before).toMatchObject({ suspense: '0', inFlight: '0' });
    await takeCash(2_100, 'ATM-001', 7_000);
    expect(await money()).toEqual({ ...before, cash: String(BigInt(before.cash) - 7_000n), inFlight: '7000' });
    await broker.answerAdvices();
    expect(await money()).toMatchObject({ inFlight: '0' });
  });
});
