import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { RetentionPolicy } from '../src/protocol/retention.js';
import { MemoryChannel } from './memory-channel.js';
import { eventually, note, recording, TestBroker, type TestReplica } from './test-broker.js';

/** Short enough for a test, and long beside what a message needs in memory. */
const POLICY: RetentionPolicy = { channelLifetimeMs: 1_500, clockSkewMsMax: 100 };

const PROCESSED = 'messaging.processed_message';

jest.setTimeout(60_000);

/**
 * Goal: the inbox forgets what nobody can send any more, and nothing else. Method: real PostgreSQL, a channel in
 * memory that the test may silence, and lifetimes of seconds instead of minutes.
 */
describe('retention', () => {
  let source: TestBroker;
  let target: TestBroker;
  let sender: TestReplica;
  let receiver: TestReplica;
  const channel = new MemoryChannel('only');

  beforeAll(async () => {
    [source, target] = await Promise.all([TestBroker.create('source'), TestBroker.create('target')]);
    receiver = await target.replica({ channels: [channel], handlers: [recording()], retention: POLICY });
    sender = await source.replica({ channels: [channel], retention: POLICY });
  });

  afterAll(async () => {
    await Promise.all([source.close(), target.close()]);
  });

  const isAnswered = async () => (await source.count('messaging.transmission_queue')) === 0;

  it('forgets a message once its source has thrown it away and the lifetime has passed', async () => {
    await source.send(sender, [note(target.name, 'forgotten')]);
    await eventually(isAnswered);
    expect(await target.count(PROCESSED)).toBe(1);
    await eventually(async () => (await target.count(PROCESSED)) === 0);
    const [round] = await target.rows<{ asked: boolean }>(
      `SELECT pruned_before > now() - interval '1 minute' AS asked FROM messaging.retention WHERE from_broker = $1`,
      [source.name],
    );
    expect(round).toEqual({ asked: true });
    expect(receiver.engine.counters.forgotten).toBeGreaterThanOrEqual(1);
  });

  it('drops a copy that comes after that, and does not apply it again', async () => {
    const effects = await target.count('effect');
    const late = channel.added.find(({ envelope }) => envelope.grade === 'message');
    const stale = receiver.engine.counters.stale;
    await channel.deliver(late?.queue ?? '', { envelopes: [late?.envelope] });
    expect(receiver.engine.counters.stale).toBe(stale + 1);
    expect(await target.count('effect')).toBe(effects);
    expect(await target.count(PROCESSED)).toBe(0);
  });

  it('never forgets by age alone what the source still has', async () => {
    channel.loses = ({ grade }) => grade === 'answer';
    await source.send(sender, [note(target.name, 'kept')]);
    const rounds = (where: string) => target.rows(`SELECT FROM messaging.retention WHERE ${where}`);
    await eventually(async () => (await rounds('cardinality(kept) = 1 AND confirmed_at IS NOT NULL')).length === 1);
    const [{ question } = { question: '' }] = await target.rows<{ question: string }>(
      'SELECT question_id AS question FROM messaging.retention',
    );
    await eventually(async () => (await rounds(`question_id IS DISTINCT FROM '${question}'`)).length === 1);
    expect(await target.count(PROCESSED)).toBe(1);
    channel.loses = () => false;
    await eventually(isAnswered);
    await eventually(async () => (await target.count(PROCESSED)) === 0);
    expect(await target.rows('SELECT count(*)::integer FROM effect WHERE note = $1', ['kept'])).toEqual([{ count: 1 }]);
  });

  it('keeps only what is needed of twenty thousand messages', async () => {
    const before = await target.count('effect');
    for (let batch = 0; batch < 100; batch++) {
      await source.send(
        sender,
        Array.from({ length: 200 }, (_, index) => note(target.name, `${batch}-${index}`)),
      );
    }
    await eventually(async () => (await target.count('effect')) === before + 20_000, 30_000);
    await eventually(isAnswered, 30_000);
    await eventually(async () => (await target.count(PROCESSED)) === 0, 30_000);
    // The round that forgot the last of them ends by itself.
    await eventually(async () => {
      const [open] = await target.rows<{ size: number }>(
        `SELECT count(*)::integer AS size FROM messaging.retention WHERE question_id IS NOT NULL`,
      );
      return open?.size === 0;
    }, 30_000);
  });

  it('forgets what was begun and whose end was never recorded, but nothing that may still be handled', async () => {
    await target.rows(
      `INSERT INTO messaging.started_message (message_id, lease_until)
       VALUES (gen_random_uuid(), now() - interval '1 hour'), (gen_random_uuid(), now() + interval '1 hour')`,
    );
    await eventually(async () => (await target.count('messaging.started_message')) === 1);
    expect(await target.count('messaging.started_message WHERE lease_until > now()')).toBe(1);
  });

  it('asks nobody where there is nothing to forget', async () => {
    const asked = channel.added.filter(({ envelope }) => envelope.grade === 'retention').length;
    await new Promise((resolve) => setTimeout(resolve, POLICY.channelLifetimeMs));
    expect(channel.added.filter(({ envelope }) => envelope.grade === 'retention')).toHaveLength(asked);
  });
});
