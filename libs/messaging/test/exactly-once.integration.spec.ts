import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Handler } from '../src/engine/handlers.js';
import type { Envelope } from '../src/protocol/envelope.js';
import { MemoryChannel } from './memory-channel.js';
import { ANY_BODY, eventually, note, recording, TestBroker, type TestReplica } from './test-broker.js';

/** Goal: what the inbox and the transmission queue promise, on real PostgreSQL and a channel that does what the test says. */
describe('exactly once', () => {
  let source: TestBroker;
  let target: TestBroker;
  let channel: MemoryChannel;
  let sender: TestReplica;
  let handled: string[][];

  beforeEach(async () => {
    [source, target] = await Promise.all([TestBroker.create('source'), TestBroker.create('target')]);
    channel = new MemoryChannel('memory');
    handled = [];
    sender = await source.replica({ channels: [channel] });
  });

  afterEach(async () => {
    await Promise.all([source.close(), target.close()]);
  });

  const receiver = (handlers: readonly Handler[] = [recording({ onBatch: (notes) => handled.push([...notes]) })]) =>
    target.replica({ channels: [channel], handlers });

  const databaseOf = (broker: TestBroker) => new URL(broker.server.url).pathname.slice(1);
  const queue = () => `target.${target.name}`;
  const transmissionQueue = () => source.count('messaging.transmission_queue');
  const answersTo = (messageId: string) =>
    channel.added.filter(({ envelope }) => envelope.inReplyTo === messageId).map(({ envelope }) => envelope.body);

  function envelopeOf(overrides: Partial<Envelope> = {}): Envelope {
    return {
      messageId: randomUUID(),
      dialogId: randomUUID(),
      sequence: 1,
      grade: 'message',
      type: 'note',
      version: 1,
      fromService: 'source',
      fromBroker: source.name,
      toService: 'target',
      toBroker: target.name,
      replyTo: `${source.name}.answers`,
      sentAt: new Date().toISOString(),
      body: { note: 'hello' },
      ...overrides,
    };
  }

  it('sends nothing where the transaction rolls back', async () => {
    const sending = source.database.transaction(async (tx) => {
      await sender.engine.send(tx, [note(target.name, 'never')]);
      throw new Error('business says no');
    });
    await expect(sending).rejects.toThrow('business says no');
    expect(await transmissionQueue()).toBe(0);
    expect(channel.added).toEqual([]);
  });

  it('refuses ids and numbers that the protocol does not allow, before anything is written', async () => {
    for (const fault of [
      { dialogId: 'd' },
      { messageId: 'm' },
      { sequence: 0 },
      { version: 1.5 },
      { toService: 'a:b' },
    ]) {
      await expect(source.send(sender, [note(target.name, 'x', fault)])).rejects.toThrow(RangeError);
    }
    await expect(source.send(sender, [{ ...note('', 'x'), toBroker: '' }])).rejects.toThrow(RangeError);
    expect(await transmissionQueue()).toBe(0);
  });

  it('answers a repeat from the store and applies it no second time, in one bundle or in two', async () => {
    const { engine } = await receiver();
    const envelope = envelopeOf();
    await channel.deliver(queue(), { envelopes: [envelope, envelope] });
    await channel.deliver(queue(), { envelopes: [envelope] });
    await eventually(() => answersTo(envelope.messageId).length === 3);
    expect(answersTo(envelope.messageId)).toEqual(Array(3).fill({ took: 'hello' }));
    expect(handled).toEqual([['hello']]);
    expect(engine.counters).toMatchObject({ received: 1, duplicates: 2, refused: 0, failed: 0 });
  });

  it('applies a message once that two replicas receive at the same moment', async () => {
    const other = new MemoryChannel('other');
    const handlers = [recording({ onBatch: (notes) => handled.push([...notes]) })];
    await receiver(handlers);
    await target.replica({ channels: [other], handlers });
    const envelopes = Array.from({ length: 50 }, (_, index) => envelopeOf({ body: { note: `n${index}` } }));
    await Promise.all([
      channel.deliver(queue(), { envelopes }),
      other.deliver(queue(), { envelopes: envelopes.toReversed() }),
    ]);
    expect(await target.count('effect')).toBe(50);
    expect(handled.flat()).toHaveLength(50);
  });

  it('refuses and alarms another content under a known id, whichever came first in whatever bundle', async () => {
    const { engine, logged } = await receiver();
    const envelope = envelopeOf();
    const forged = { ...envelope, body: { note: 'forged' } };
    await channel.deliver(queue(), { envelopes: [envelope, forged] });
    await channel.deliver(queue(), { envelopes: [forged] });
    expect(await target.rows('SELECT note FROM effect')).toEqual([{ note: 'hello' }]);
    expect(engine.counters).toMatchObject({ received: 1, refused: 2 });
    expect(logged.filter(({ context }) => 'alarm' in context)).toHaveLength(2);
    await eventually(() => answersTo(envelope.messageId).length === 1);
  });

  it('lets a bad message fail alone and leave no trace', async () => {
    const { engine } = await receiver([
      recording({
        onBatch: (notes) => {
          if (notes.includes('bad')) throw new Error('cannot apply this');
        },
      }),
    ]);
    const texts = ['one', 'two', 'bad', 'three', 'four'];
    const envelopes = texts.map((text) => envelopeOf({ body: { note: text } }));
    await channel.deliver(queue(), { envelopes });
    expect(await target.rows('SELECT note FROM effect ORDER BY note')).toEqual(
      ['four', 'one', 'three', 'two'].map((text) => ({ note: text })),
    );
    expect(await target.count('messaging.processed_message')).toBe(4);
    expect(engine.counters).toMatchObject({ received: 4, failed: 1 });
  });

  it('parks what fails its schema or has no handler, and drops what is no envelope or for another broker', async () => {
    const strict: Handler = {
      ...recording(),
      schema: { '~standard': { validate: () => ({ issues: [{ message: 'no' }] }) } },
    };
    const { engine } = await receiver([strict]);
    await channel.deliver(queue(), {
      envelopes: [envelopeOf(), envelopeOf({ version: 9 }), envelopeOf({ toBroker: 'other' }), { nonsense: true }],
    });
    expect(engine.counters).toMatchObject({ failed: 2, misdirected: 2, received: 0 });
    expect(await target.count('messaging.processed_message')).toBe(0);
    expect(await target.rows('SELECT reason FROM messaging.parked_message')).toEqual([
      { reason: 'failed' },
      { reason: 'failed' },
    ]);
  });

  it('sends again what its replica could not put on a channel any more', async () => {
    const dying = await source.replica({
      channels: [new MemoryChannel('memory')],
      faultPoints: { reach: () => Promise.reject(new Error('the process is gone')) },
    });
    await receiver();
    await dying.close();
    await source.send(dying, [note(target.name, 'hello')]);
    await eventually(async () => (await transmissionQueue()) === 0);
    expect(handled).toEqual([['hello']]);
    expect(sender.engine.counters.resent).toBe(1);
  }, 15_000);

  it('sends again what the channel has lost, and no answer has to come twice for it to end', async () => {
    const { engine } = await receiver();
    channel.mode = 'losing';
    await source.send(sender, [note(target.name, 'hello')]);
    await eventually(() => sender.engine.counters.sent === 1);
    channel.mode = 'works';
    await eventually(async () => (await transmissionQueue()) === 0);
    expect(engine.counters.received).toBe(1);
  }, 15_000);

  it('keeps a message whose answer could not be handled, and gives the stored answer to the next attempt', async () => {
    let attempts = 0;
    const settled: unknown[] = [];
    const settling: Handler = {
      kind: 'answers',
      service: 'settler',
      type: 'note',
      version: 1,
      schema: ANY_BODY,
      handle: async (answers) => {
        attempts++;
        if (attempts === 1) throw new Error('not now');
        settled.push(...answers.map(({ body }) => body));
      },
    };
    await sender.close();
    const settler = await source.replica({ channels: [channel], handlers: [settling] });
    await receiver();
    await source.send(settler, [note(target.name, 'hello', { fromService: 'settler' })]);
    await eventually(() => attempts === 1);
    expect(await transmissionQueue()).toBe(1);
    await eventually(async () => (await transmissionQueue()) === 0);
    expect(settled).toEqual([{ took: 'hello' }]);
    expect(handled).toEqual([['hello']]);
    expect(settler.engine.counters.failed).toBe(1);
  }, 15_000);

  it('does nothing for an answer that comes late or again', async () => {
    await receiver();
    await source.send(sender, [note(target.name, 'hello')]);
    await eventually(async () => (await transmissionQueue()) === 0);
    const answer = channel.added.find(({ envelope }) => envelope.grade === 'answer');
    await channel.deliver(answer?.queue ?? '', { envelopes: [answer?.envelope] });
    expect(sender.engine.counters.lateAnswers).toBe(1);
  });

  it('leaves no trace where the process dies before the commit, and answers again where it dies after it', async () => {
    const deaths = new Set(['inbox.before-commit', 'inbox.after-commit']);
    await target.replica({
      channels: [channel],
      handlers: [recording()],
      faultPoints: {
        reach: async (point) => {
          if (deaths.delete(point)) throw new Error(`died at ${point}`);
        },
      },
    });
    const envelope = envelopeOf();
    await channel.deliver(queue(), { envelopes: [envelope] });
    expect(await target.count('messaging.processed_message')).toBe(0);
    expect(await target.count('effect')).toBe(0);
    await expect(channel.deliver(queue(), { envelopes: [envelope] })).rejects.toThrow('inbox.after-commit');
    expect(await target.count('effect')).toBe(1);
    expect(answersTo(envelope.messageId)).toEqual([]);
    await channel.deliver(queue(), { envelopes: [envelope] });
    await eventually(() => answersTo(envelope.messageId).length === 1);
    expect(await target.count('effect')).toBe(1);
  });

  it('waits for a database whose connections break in the middle of the load, and fails nothing', async () => {
    const { engine } = await receiver();
    const breakConnections = () =>
      source.rows(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1`, [databaseOf(target)]);
    for (let round = 0; round < 20; round++) {
      const envelopes = Array.from({ length: 20 }, () => envelopeOf());
      const delivered = channel.deliver(queue(), { envelopes });
      await breakConnections();
      await delivered;
    }
    expect(await target.count('effect')).toBe(400);
    expect(engine.counters).toMatchObject({ failed: 0, refused: 0 });
    await eventually(() => channel.added.filter(({ envelope }) => envelope.grade === 'answer').length === 400);
  }, 30_000);

  it('tells an operator what is not answered, and for how long', async () => {
    await source.send(sender, [note(target.name, 'one'), note(target.name, 'two')]);
    expect(sender.engine.status()).toMatchObject({ broker: source.name, counters: { sent: 2 } });
    const stored = await sender.engine.stored();
    expect(stored).toMatchObject({ unanswered: 2, parked: 0 });
    expect(stored.oldestUnansweredSeconds).toBeGreaterThan(0);
  });

  it('routes by conversation group over the known brokers where none is given', async () => {
    const routing = await source.replica({
      channels: [channel],
      routes: ['target-a', 'target-b'].map((broker) => ({ service: 'target', broker, channels: [] })),
    });
    const unaddressed = note('', 'x');
    Reflect.deleteProperty(unaddressed, 'toBroker');
    const group = Array.from({ length: 5 }, () => ({ ...unaddressed, dialogId: randomUUID(), conversationGroup: 'g' }));
    await source.send(routing, group);
    const rows = await source.rows<{ to_broker: string }>(
      'SELECT DISTINCT to_broker FROM messaging.transmission_queue',
    );
    expect(rows).toHaveLength(1);
    expect(['target-a', 'target-b']).toContain(rows[0]?.to_broker);
  });
});
