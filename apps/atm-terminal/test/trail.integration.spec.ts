import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { messageTrailSchema, reachableNotesSchema, terminalTrailSchema } from '#contracts';
import { NOTES_MAX } from '#money';
import { eventually } from '../../../tools/eventually.js';
import { TerminalBroker, type OpenedSession, type TestReplica } from './terminal-broker.js';

/** Goal: what a screen may learn of a withdrawal and of its machine, and nobody else. Method: one replica, whole, on a real database. */
describe('what the screen shows besides', () => {
  let broker: TerminalBroker;
  let replica: TestReplica;
  let session: OpenedSession;

  beforeAll(async () => {
    broker = await TerminalBroker.create();
    replica = await broker.replica();
    broker.host.account('ACC-1001', 100_000n);
    broker.host.account('ACC-1002', 100_000n);
    session = await replica.openSession('4000000000001001');
  }, 30_000);

  afterAll(() => broker.close(), 30_000);

  it('the trail of a withdrawal: facts with the replica that committed them, and no secret', async () => {
    const { withdrawalId } = (await replica.withdraw(session, 18_000)).body;
    const own = () => replica.call('GET', `/internal/own-withdrawals/${withdrawalId}/trail`, { token: session.token });
    const before = terminalTrailSchema.parse((await own()).body);
    expect(before.steps.map(({ kind, replica: by }) => [kind, by])).toEqual([
      ['selected', null],
      ['intended', 'atm-terminal-1'],
      ['dispensed', null],
      ['outcome', 'atm-terminal-1'],
    ]);
    expect(before.message?.type).toBe('completion-advice');
    const messageId = before.message?.messageId ?? '';
    const message = await replica.call('GET', `/internal/messaging/messages/${messageId}`);
    expect(messageTrailSchema.parse(message.body)).toMatchObject({
      waiting: { state: 'queued', type: 'completion-advice' },
      sightings: [{ kind: 'sent', attempt: 1 }],
    });
    expect(JSON.stringify([before, message.body])).not.toMatch(/cardToken|body/);
    await broker.answerAdvices();
    const any = await replica.call('GET', `/internal/withdrawals/${withdrawalId}/trail`);
    expect(terminalTrailSchema.parse(any.body).steps.at(-1)?.kind).toBe('settled');
  });

  it('the balance request that left with the selection: what was seen of it, and that nobody answered', async () => {
    const selected = await replica.call('POST', `/v1/sessions/${session.sessionId}/withdrawals`, {
      token: session.token,
      body: {},
    });
    const path = `/internal/withdrawals/${String(selected.body.withdrawalId)}/trail`;
    const trail = async () => terminalTrailSchema.parse((await replica.call('GET', path)).body);
    const { balanceRequestId } = await trail();
    const seen = await replica.call('GET', `/internal/messaging/messages/${balanceRequestId}`);
    expect(messageTrailSchema.parse(seen.body).sightings).toMatchObject([{ kind: 'sent', attempt: 1 }]);
    await eventually('it is given up', async () => (await trail()).steps.length > 1, 15_000);
    expect((await trail()).steps.at(-1)).toMatchObject({ kind: 'balance-unknown', detail: 'timed-out' });
  }, 30_000);

  it('the trail of a withdrawal of another session: nothing', async () => {
    const { withdrawalId } = (await replica.withdraw(session, 1_000)).body;
    const stranger = await replica.openSession('4000000000001002');
    const path = `/internal/own-withdrawals/${withdrawalId}/trail`;
    expect((await replica.call('GET', path, { token: stranger.token })).status).toBe(404);
    expect((await replica.call('GET', path)).status).toBe(401);
    expect((await replica.call('GET', '/internal/withdrawals/no-id/trail')).status).toBe(404);
  });

  it('the notes that the machine can give, never more than one presentation can have', async () => {
    const path = `/v1/sessions/${session.sessionId}/notes`;
    const answer = await replica.call('GET', path, { token: session.token });
    const { notes, terminalId } = reachableNotesSchema.parse(answer.body);
    expect(terminalId).toBe('ATM-001');
    expect(notes.map(({ denomination }) => denomination)).toEqual([10_000, 5_000, 2_000, 1_000]);
    expect(notes.every(({ count }) => count === NOTES_MAX)).toBe(true);
    await broker.rows(`UPDATE cassette SET remaining = 3 WHERE terminal_id = 'ATM-001' AND denomination = 5000`);
    const fewer = reachableNotesSchema.parse((await replica.call('GET', path, { token: session.token })).body);
    expect(fewer.notes).toContainEqual({ denomination: 5_000, count: 3 });
    expect((await replica.call('GET', path)).status).toBe(401);
  });
});
