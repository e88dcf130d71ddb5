import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { Handler } from '../src/engine/handlers.js';
import type { ExpressRequest } from '../src/messaging.js';
import { MemoryChannel } from './memory-channel.js';
import { ANY_BODY, TestBroker, type TestReplica } from './test-broker.js';

describe('express requests', () => {
  let source: TestBroker;
  let target: TestBroker;
  let asking: TestReplica;
  let answering: TestReplica;
  let served: number;
  const channel = new MemoryChannel('memory');

  const balance: Handler = {
    kind: 'express',
    service: 'target',
    type: 'balance',
    version: 1,
    schema: ANY_BODY,
    handle: async (body) => {
      served++;
      if (body === 'unknown') throw new Error('no such account');
      return { balance: '100' };
    },
  };

  const question = (overrides: Partial<ExpressRequest> = {}): ExpressRequest => ({
    fromService: 'source',
    toService: 'target',
    toBroker: target.name,
    type: 'balance',
    version: 1,
    body: 'known',
    attemptTimeoutMs: 150,
    attemptsMax: 3,
    ...overrides,
  });

  beforeAll(async () => {
    [source, target] = await Promise.all([TestBroker.create('source'), TestBroker.create('target')]);
    asking = await source.replica({ channels: [channel] });
    answering = await target.replica({ channels: [channel], handlers: [balance] });
    served = 0;
  });

  afterEach(() => {
    channel.mode = 'works';
    channel.loses = () => false;
    channel.added.length = 0;
    served = 0;
  });

  afterAll(async () => {
    await Promise.all([source.close(), target.close()]);
  });

  it('are answered', async () => {
    const outcome = await asking.engine.request(question());
    expect(outcome).toEqual({ outcome: 'answered', body: { balance: '100' }, attempts: 1 });
  });

  it('end in an error where the handler throws, there is none, or no broker is known', async () => {
    const error = (reason: string, attempts = 1) => ({ outcome: 'error', reason, attempts });
    expect(await asking.engine.request(question({ body: 'unknown' }))).toEqual(error('no such account'));
    expect(await asking.engine.request(question({ version: 2 }))).toEqual(
      error('no handler for this type and version'),
    );
    const unaddressed = question({ toService: 'nowhere' });
    Reflect.deleteProperty(unaddressed, 'toBroker');
    expect(await asking.engine.request(unaddressed)).toMatchObject({ outcome: 'error', attempts: 0 });
  });

  it('time out after all their attempts, and what comes later is dropped', async () => {
    channel.mode = 'losing';
    expect(await asking.engine.request(question())).toEqual({ outcome: 'timed-out', attempts: 3 });
    channel.mode = 'works';
    const late = asking.engine.counters.lateAnswers;
    const outcome = asking.engine.request(question());
    await outcome;
    const answer = channel.added.find(({ envelope }) => envelope.grade === 'express-answer');
    await channel.deliver(answer?.queue ?? '', { envelopes: [answer?.envelope] });
    expect(asking.engine.counters.lateAnswers).toBe(late + 1);
  });

  it('survive a lost attempt by asking again', async () => {
    channel.mode = 'losing';
    const outcome = asking.engine.request(question());
    setTimeout(() => (channel.mode = 'works'), 50);
    expect(await outcome).toMatchObject({ outcome: 'answered', attempts: 2 });
    expect(served).toBe(1);
  });

  it('leave sightings at both sides, under the id that the caller has given', async () => {
    const messageId = randomUUID();
    let isLost = false;
    channel.loses = ({ grade }) => grade === 'express' && !isLost && (isLost = true);
    await asking.engine.request(question({ messageId }));
    const seenBy = async ({ engine }: TestReplica) =>
      (await engine.operations.trail(messageId)).sightings.map(({ kind, attempt }) => [kind, attempt]);
    expect(await seenBy(asking)).toEqual([
      ['sent', 1],
      ['sent-again', 2],
      ['answered', null],
    ]);
    expect(await seenBy(answering)).toEqual([['served', null]]);
  });

  it('are given up at once when the replica closes', async () => {
    const closing = await source.replica({ channels: [new MemoryChannel('silent')] });
    const outcome = closing.engine.request(question({ attemptTimeoutMs: 60_000 }));
    await closing.close();
    expect(await outcome).toEqual({ outcome: 'timed-out', attempts: 1 });
  });
});
