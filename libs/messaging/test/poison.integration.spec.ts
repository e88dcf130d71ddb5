import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { Handler } from '../src/engine/handlers.js';
import { STARTS_MAX, type FailurePolicy } from '../src/protocol/failures.js';
import { MemoryChannel } from './memory-channel.js';
import { ANY_BODY, eventually, note, recording, TestBroker, type TestReplica } from './test-broker.js';

jest.setTimeout(60_000);

/** Three attempts within a fraction of a second. */
const QUICK: Partial<FailurePolicy> = { attemptsMax: 3, backoffBaseMs: 50, backoffCapMs: 100 };

interface Parked {
  readonly reason: string;
  readonly attempts: number;
  readonly crashes: number;
  readonly last_error: string;
  readonly next_attempt_at: Date | null;
}

/**
 * Goal: a message that fails, or that replicas die of, delays nothing but (with `block`) its own dialog, can be looked at, and
 * is applied once when it is replayed. Method: real PostgreSQL, a channel in memory, handlers that fail on demand.
 */
describe('poison', () => {
  let source: TestBroker;
  let target: TestBroker;
  let sender: TestReplica;
  let receiver: TestReplica;
  const channel = new MemoryChannel('only');
  /** Notes whose handler throws at the moment, and all notes it was called for. */
  const poisonous = new Set<string>();
  const attempts: string[] = [];

  const failing = (type: string, failures: Partial<FailurePolicy>): Handler => {
    const { handle } = recording() as Extract<Handler, { kind: 'messages' }>;
    return {
      kind: 'messages',
      service: 'target',
      type,
      version: 1,
      schema: ANY_BODY,
      failures,
      handle(messages, tx) {
        for (const { body } of messages) {
          const text = (body as { note: string }).note;
          attempts.push(text);
          if (poisonous.has(text)) throw new Error(`cannot bear ${text}`);
        }
        return handle(messages, tx);
      },
    };
  };

  beforeAll(async () => {
    [source, target] = await Promise.all([TestBroker.create('source'), TestBroker.create('target')]);
    const handlers = [
      failing('blocking', { ...QUICK, onFailure: 'block' }),
      failing('overtaking', { ...QUICK, onFailure: 'overtake' }),
      recording(),
    ];
    receiver = await target.replica({ channels: [channel], handlers });
    sender = await source.replica({ channels: [channel] });
  });

  beforeEach(() => {
    poisonous.clear();
    attempts.length = 0;
  });

  afterAll(async () => {
    await Promise.all([source.close(), target.close()]);
  });

  const applied = async (dialogId?: string) =>
    (
      await target.rows<{ note: string }>(
        `SELECT note FROM effect JOIN messaging.processed_message USING (message_id)
          WHERE $1::uuid IS NULL OR dialog_id = $1 ORDER BY processed_at`,
        [dialogId ?? null],
      )
    ).map((row) => row.note);

  const parked = async (messageId: string): Promise<Parked | undefined> =>
    (await target.rows<Parked>('SELECT * FROM messaging.parked_message WHERE message_id = $1', [messageId]))[0];

  const isDead = async (messageId: string) => {
    const { reason, next_attempt_at: next } = (await parked(messageId)) ?? { reason: 'none', next_attempt_at: null };
    return next === null && (reason === 'failed' || reason === 'crashed');
  };

  const isAnswered = async (messageId: string) =>
    (await source.rows('SELECT FROM messaging.transmission_queue WHERE message_id = $1', [messageId])).length === 0;

  const single = (type: string, text: string, messageId = randomUUID()) => note(target.name, text, { type, messageId });

  /** A dialog of three messages, the second of which has the given id; returns its id. */
  async function dialogOfThree(
    type: string,
    texts: readonly [string, string, string],
    second: string,
  ): Promise<string> {
    return source.database.transaction(async (tx) => {
      const { dialogs } = sender.engine;
      const dialogId = await dialogs.begin(tx, { fromService: 'source', toService: 'target', toBroker: target.name });
      const messages = texts.map((text, index) => ({
        ...(index === 1 ? { messageId: second } : {}),
        type,
        version: 1,
        body: { note: text },
      }));
      await dialogs.send(tx, dialogId, messages);
      return dialogId;
    });
  }

  it('is tried again with backoff, and applied once when the reason is gone', async () => {
    poisonous.add('passing');
    const message = single('blocking', 'passing');
    await source.send(sender, [message]);
    await eventually(async () => (await parked(message.messageId ?? ''))?.attempts === 2);
    poisonous.clear();
    await eventually(() => isAnswered(message.messageId ?? ''));
    expect((await applied()).filter((text) => text === 'passing')).toHaveLength(1);
    expect(await parked(message.messageId ?? '')).toBeUndefined();
  });

  it('that is the first of a dialog nobody has confirmed yet is tried again, confirmed and applied', async () => {
    const [begins, answers] = await Promise.all([TestBroker.create('begins'), TestBroker.create('answers')]);
    try {
      let failures = 1;
      const faultPoints = {
        reach: async (point: string) => {
          if (point === 'inbox.before-commit' && failures-- > 0) throw new Error('cannot commit');
        },
      };
      const own = new MemoryChannel('own');
      await answers.replica({ channels: [own], handlers: [recording()], faultPoints });
      const routes = [{ service: 'target', broker: answers.name, channels: [] }];
      const { engine } = await begins.replica({ channels: [own], routes });
      await begins.database.transaction(async (tx) => {
        const dialogId = await engine.dialogs.begin(tx, { fromService: 'source', toService: 'target' });
        await engine.dialogs.send(tx, dialogId, [{ type: 'note', version: 1, body: { note: 'first' } }]);
      });
      await eventually(async () => (await answers.count('effect')) === 1, 20_000);
      expect(failures).toBeLessThan(0);
      await eventually(async () => (await begins.count('messaging.transmission_queue')) === 0);
      expect(await answers.count('messaging.parked_message')).toBe(0);
    } finally {
      await Promise.all([begins.close(), answers.close()]);
    }
  });

  it('delays nothing that arrives with it, and is left to an operator after all attempts', async () => {
    poisonous.add('bad');
    const bad = randomUUID();
    const good = Array.from({ length: 20 }, (_, index) => single('blocking', `good-${index}`));
    await source.send(sender, [...good.slice(0, 10), single('blocking', 'bad', bad), ...good.slice(10)]);
    await eventually(async () => (await applied()).filter((text) => text.startsWith('good-')).length === 20);
    await eventually(() => isDead(bad));
    expect(await parked(bad)).toMatchObject({ reason: 'failed', attempts: 3, last_error: 'cannot bear bad' });
    expect(receiver.engine.counters.quarantined).toBeGreaterThanOrEqual(1);
    const tries = attempts.filter((text) => text === 'bad').length;
    // Copies that the source sends again change nothing.
    await source.rows('UPDATE messaging.transmission_queue SET next_attempt_at = now()');
    const resent = sender.engine.counters.resent;
    await eventually(() => sender.engine.counters.resent > resent);
    await source.send(sender, [single('blocking', 'after bad')]);
    await eventually(async () => (await applied()).includes('after bad'));
    expect(attempts.filter((text) => text === 'bad')).toHaveLength(tries);
  });

  it('blocks its dialog and no other, until it is replayed', async () => {
    poisonous.add('b2');
    const second = randomUUID();
    const dialogId = await dialogOfThree('blocking', ['b1', 'b2', 'b3'], second);
    const other = await dialogOfThree('blocking', ['c1', 'c2', 'c3'], randomUUID());
    await eventually(() => isDead(second));
    await eventually(async () => (await applied(other)).length === 3);
    expect(await applied(dialogId)).toEqual(['b1']);
    const { operations } = receiver.engine;
    const [dead] = (await operations.messages('dead', 10)).filter(({ messageId }) => messageId === second);
    expect(dead).toMatchObject({
      dialogId,
      sequence: 2,
      reason: 'failed',
      lastError: 'cannot bear b2',
      body: { note: 'b2' },
    });
    const waiting = (await operations.messages('parked', 10)).filter((one) => one.dialogId === dialogId);
    expect(waiting).toMatchObject([{ sequence: 3, reason: 'gap' }]);
    expect(await operations.replay(waiting[0]?.messageId ?? '')).toMatchObject({ outcome: 'waiting' });

    expect(await operations.replay(second)).toEqual({ outcome: 'failed', lastError: 'cannot bear b2' });
    await eventually(() => isDead(second));
    poisonous.clear();
    expect(await operations.replay(second)).toEqual({ outcome: 'applied', lastError: null });
    await eventually(async () => (await applied(dialogId)).length === 3);
    expect(await applied(dialogId)).toEqual(['b1', 'b2', 'b3']);
    await eventually(() => isAnswered(second));
    expect(await operations.replay(second)).toEqual({ outcome: 'unknown', lastError: null });
  });

  it('is overtaken where the type says so, and still applied once when it is replayed', async () => {
    poisonous.add('o2');
    const second = randomUUID();
    const dialogId = await dialogOfThree('overtaking', ['o1', 'o2', 'o3'], second);
    await eventually(async () => (await applied(dialogId)).includes('o3'));
    expect(await applied(dialogId)).toEqual(['o1', 'o3']);
    expect(await isDead(second)).toBe(true);
    poisonous.clear();
    expect(await receiver.engine.operations.replay(second)).toEqual({ outcome: 'applied', lastError: null });
    expect((await applied(dialogId)).toSorted()).toEqual(['o1', 'o2', 'o3']);
    await eventually(() => isAnswered(second));
  });

  it('that nobody handles, or whose body is wrong, is kept for an operator, too', async () => {
    const unheard = randomUUID();
    await source.send(sender, [single('unheard-of', 'x', unheard)]);
    await eventually(async () => (await parked(unheard)) !== undefined);
    expect(await parked(unheard)).toMatchObject({
      reason: 'failed',
      last_error: 'no handler for this type and version',
    });
  });

  it('that replicas die of is counted apart from errors, handled by itself, and parked', async () => {
    // A replica that dies records that it has begun and nothing else; the lease of the dead one is made to end at once.
    const deadly = single('note', 'deadly');
    const id = deadly.messageId ?? '';
    channel.mode = 'losing';
    await source.send(sender, [deadly]);
    for (let death = 1; death <= STARTS_MAX; death++) {
      await target.rows(
        `INSERT INTO messaging.started_message AS s (message_id, lease_until) VALUES ($1, now() - interval '1 minute')
         ON CONFLICT (message_id) DO UPDATE SET starts = s.starts + 1, lease_until = excluded.lease_until`,
        [id],
      );
    }
    channel.mode = 'works';
    const innocent = single('note', 'innocent');
    await source.send(sender, [innocent]);
    await source.rows('UPDATE messaging.transmission_queue SET next_attempt_at = now()');
    await eventually(async () => (await parked(id)) !== undefined);
    expect(await parked(id)).toMatchObject({
      reason: 'crashed',
      attempts: 0,
      crashes: STARTS_MAX,
      next_attempt_at: null,
    });
    expect(await applied()).not.toContain('deadly');
    await eventually(async () => (await applied()).includes('innocent'));
    expect(await target.count('messaging.started_message')).toBe(0);
    expect(await receiver.engine.operations.replay(id)).toEqual({ outcome: 'applied', lastError: null });
    await eventually(() => isAnswered(id));
  });

  it('is not suspected while a replica that is alive has it in hand', async () => {
    const slow = single('note', 'slow');
    const id = slow.messageId ?? '';
    await target.rows(`INSERT INTO messaging.started_message VALUES ($1, 1, now() + interval '1 hour')`, [id]);
    channel.mode = 'losing';
    await source.send(sender, [slow]);
    channel.mode = 'works';
    const resent = sender.engine.counters.resent;
    await source.rows('UPDATE messaging.transmission_queue SET next_attempt_at = now()');
    await eventually(() => sender.engine.counters.resent > resent);
    await source.send(sender, [single('note', 'meanwhile')]);
    await eventually(async () => (await applied()).includes('meanwhile'));
    expect(await applied()).not.toContain('slow');
    expect(await target.rows('SELECT starts FROM messaging.started_message')).toEqual([{ starts: 1 }]);
  });
});
