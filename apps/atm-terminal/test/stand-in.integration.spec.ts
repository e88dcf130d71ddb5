import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { TerminalAudit } from '#contracts';
import { TerminalBroker, type OpenedSession, type TestReplica } from './terminal-broker.js';

const CAPS = { STAND_IN_CARD_MAX: '50000', STAND_IN_TERMINAL_MAX: '60000', STAND_IN_GLOBAL_MAX: '90000' };

/** The host is away once the sessions are open; two replicas stand in against the same caps. */
describe('stand-in', () => {
  let broker: TerminalBroker;
  let replicas: TestReplica[];
  let card = 3000;

  beforeAll(async () => {
    broker = await TerminalBroker.create();
    replicas = [await broker.replica(CAPS), await broker.replica(CAPS)];
  }, 30_000);

  afterAll(async () => {
    const audit = await replicas[0]?.call<TerminalAudit>('GET', '/internal/audit');
    await broker.close();
    expect(audit?.body.checks.filter(({ ok }) => !ok)).toEqual([]);
  }, 30_000);

  const customer = async (available: bigint, terminal: string): Promise<OpenedSession> => {
    card += 1;
    broker.host.reachable = true;
    broker.host.account(`ACC-${card}`, available);
    return replica(0).openSession(`400000000000${card}`, terminal);
  };
  const replica = (index: number): TestReplica => {
    const found = replicas[index % replicas.length];
    if (found === undefined) throw new Error('no replica');
    return found;
  };

  /** Withdrawals of 100.00 in parallel on both replicas; answers how many were dispensed. The others must be clear refusals. */
  const storm = async (sessions: readonly OpenedSession[]): Promise<number> => {
    broker.host.reachable = false;
    const answers = await Promise.all(sessions.map((session, index) => replica(index).withdraw(session, 10_000)));
    for (const { status, body, retryAfter } of answers.filter((answer) => answer.status !== 201)) {
      expect({ status, type: (body as unknown as { type: string }).type, retryAfter }).toEqual({
        status: 503,
        type: 'urn:cashpoint:problem:unavailable',
        retryAfter: expect.stringMatching(/^\d+$/),
      });
    }
    const given = answers.filter(({ status }) => status === 201).map(({ body }) => body);
    expect(given.every(({ state, authorisation }) => state === 'dispensed' && authorisation === 'stand-in')).toBe(true);
    return given.length;
  };

  it('gives no more than the last known balance, less what stood in already', async () => {
    const session = await customer(25_000n, 'ATM-001');
    expect(await storm(Array.from({ length: 8 }, () => session))).toBe(2);
  });

  it('gives no more than the card’s cap, and refuses with a reversal that keeps a late authorisation out', async () => {
    const session = await customer(1_000_000n, 'ATM-002');
    expect(await storm(Array.from({ length: 9 }, () => session))).toBe(5);
    const refused = await broker.rows<{ withdrawal_id: string }>(
      `SELECT withdrawal_id FROM withdrawal WHERE session_id = $1 AND state = 'reversing'`,
      [session.sessionId],
    );
    expect(refused).toHaveLength(4);
    for (const { withdrawal_id } of refused) {
      expect(await broker.advices(withdrawal_id)).toMatchObject([{ type: 'reversal-advice' }]);
    }
  });

  it('gives no more than the terminal’s and the global cap', async () => {
    const sessions: OpenedSession[] = [];
    for (let index = 0; index < 6; index++) sessions.push(await customer(1_000_000n, 'ATM-002'));
    expect(await storm(sessions)).toBe(1);
    sessions.length = 0;
    for (let index = 0; index < 6; index++) sessions.push(await customer(1_000_000n, `ATM-00${3 + (index % 4)}`));
    expect(await storm(sessions)).toBe(1);
    const usage = await broker.rows<{ scope: string; subject: string; amount: string }>(
      `SELECT scope, subject, amount FROM stand_in_usage WHERE scope <> 'card' ORDER BY amount DESC LIMIT 2`,
    );
    expect(usage).toEqual([
      { scope: 'global', subject: 'all', amount: '90000' },
      { scope: 'terminal', subject: 'ATM-002', amount: '60000' },
    ]);
  });

  it('settles as stand-in when the host is back', async () => {
    await broker.answerAdvices();
    const open = `SELECT 1 FROM withdrawal WHERE settled_at IS NULL AND state NOT IN ('declined', 'awaiting-amount')`;
    expect(await broker.rows(open)).toEqual([]);
    const settled = `SELECT 1 FROM withdrawal WHERE authorisation = 'stand-in' AND state = 'settled'`;
    expect(await broker.rows(settled)).toHaveLength(9);
  });
});
