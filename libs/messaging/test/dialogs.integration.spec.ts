import { randomUUID } from 'node:crypto';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import type { Handler } from '../src/engine/handlers.js';
import { DialogNotOpen } from '../src/dialogs.js';
import type { Channel } from '../src/ports/channel.js';
import { type Clock, SYSTEM_CLOCK } from '../src/ports/clock.js';
import { DIALOG_END, DIALOG_PROTOCOL, type DialogProtocol } from '../src/protocol/dialog/index.js';
import type { Route } from '../src/protocol/routing.js';
import { Network, seeded } from './network.js';
import { ANY_BODY, eventually as within, TestBroker, type TestReplica } from './test-broker.js';

/** Most tests take a second or two; re-sending and a busy machine may take much longer. */
jest.setTimeout(90_000);

const eventually = (holds: () => boolean | Promise<boolean>) => within(holds, 80_000);

const HEARD = 'CREATE TABLE heard (id serial, dialog_id uuid, sequence integer, service text, note text)';

interface Heard {
  readonly dialog_id: string;
  readonly sequence: number;
  readonly note: string;
}

/** Writes down what it is told, in its order. */
function hearing(service: string, type = 'note', also: { readonly then?: Then } = {}): Handler {
  return {
    kind: 'messages',
    service,
    type,
    version: 1,
    schema: ANY_BODY,
    async handle(messages, tx) {
      for (const { dialogId, sequence, body } of messages) {
        const note = (body as { note?: string } | null)?.note ?? type;
        const text = 'INSERT INTO heard (dialog_id, sequence, service, note) VALUES ($1, $2, $3, $4)';
        await tx.query({ name: 'test-hear', text }, [dialogId, sequence, service, note]);
        await also.then?.(tx, dialogId, note);
      }
      return messages.map(({ sequence }) => ({ heard: sequence }));
    },
  };
}

type Then = (
  tx: Parameters<Extract<Handler, { kind: 'messages' }>['handle']>[1],
  dialogId: string,
  note: string,
) => Promise<void>;

const brokers: TestBroker[] = [];

async function broker(name: string): Promise<TestBroker> {
  const one = await TestBroker.create(name);
  await one.rows(HEARD);
  brokers.push(one);
  return one;
}

afterEach(async () => {
  await Promise.all(brokers.splice(0).map((one) => one.close()));
});

/** Sends each note in a transaction of its own. */
async function tell(from: TestBroker, replica: TestReplica, dialogId: string, ...notes: string[]): Promise<void> {
  for (const note of notes) {
    await from.database.transaction((tx) =>
      replica.engine.dialogs.send(tx, dialogId, { type: 'note', version: 1, body: { note } }),
    );
  }
}

const begin = (from: TestBroker, replica: TestReplica, toBroker?: string) =>
  from.database.transaction((tx) =>
    replica.engine.dialogs.begin(tx, {
      fromService: 'source',
      toService: 'target',
      ...(toBroker === undefined ? {} : { toBroker }),
    }),
  );

const heard = (one: TestBroker) => one.rows<Heard>('SELECT dialog_id, sequence, note FROM heard ORDER BY id');

const states = async (one: TestBroker) =>
  (await one.rows<{ state: string }>('SELECT state FROM messaging.dialog_endpoint')).map(({ state }) => state);

const routeTo = (brokerName: string | null): Route => ({ service: 'target', broker: brokerName, channels: [] });

/** A fiftieth of every wait. */
const HURRIED: Clock = { now: SYSTEM_CLOCK.now, after: (delayMs, task) => SYSTEM_CLOCK.after(delayMs / 50, task) };

/** The protocol of SQL Server Service Broker: the target believes every first message. */
const WITHOUT_HANDSHAKE: DialogProtocol = {
  ...DIALOG_PROTOCOL,
  receive: (endpoint, arrival) => DIALOG_PROTOCOL.receive(endpoint, { ...arrival, locked: true }),
};

describe('a dialog', () => {
  it.each([['named'], ['chosen by hash'], ['left to the next hop']] as const)(
    'is applied once and in order however its messages are delivered, its broker being %s',
    async (how) => {
      const [source, target] = [await broker('source'), await broker('target')];
      const network = new Network();
      const random = seeded(7);
      network.fate = () => ({ copies: random() < 0.1 ? 0 : random() < 0.3 ? 3 : 1, delayMs: () => random() * 60 });
      const channels = [network.channel()];
      for (let replica = 1; replica <= 2; replica++) await target.replica({ channels, handlers: [hearing('target')] });
      const routes = [routeTo(how === 'chosen by hash' ? target.name : null)];
      const sender = await source.replica({ channels, routes });
      const ids = await Promise.all(
        Array.from({ length: 4 }, () => begin(source, sender, how === 'named' ? target.name : undefined)),
      );
      const notes = Array.from({ length: 15 }, (_, index) => `${index + 1}`);
      await Promise.all(ids.map((id) => tell(source, sender, id, ...notes)));
      await eventually(async () => (await source.count('messaging.transmission_queue')) === 0);
      const told = await heard(target);
      for (const id of ids) expect(told.filter((one) => one.dialog_id === id).map(({ note }) => note)).toEqual(notes);
      expect(told).toHaveLength(ids.length * notes.length);
      expect(await target.count('messaging.parked_message')).toBe(0);
    },
  );

  it('is spoken at both ends, and over at both when one has ended it', async () => {
    const [source, target] = [await broker('source'), await broker('target')];
    const channels = [new Network().channel()];
    const bound: { replica?: TestReplica } = {};
    const reply: Then = async (tx, dialogId, note) => {
      await bound.replica?.engine.dialogs.send(tx, dialogId, {
        type: 'note',
        version: 1,
        body: { note: `re: ${note}` },
      });
    };
    bound.replica = await target.replica({
      channels,
      handlers: [hearing('target', 'note', { then: reply }), hearing('target', DIALOG_END, { then: reply })],
    });
    const sender = await source.replica({ channels, handlers: [hearing('source')] });
    const id = await begin(source, sender, target.name);
    await tell(source, sender, id, 'one', 'two');
    await source.database.transaction((tx) => sender.engine.dialogs.end(tx, id));
    await expect(tell(source, sender, id, 'three')).rejects.toBeInstanceOf(DialogNotOpen);
    await eventually(async () => (await states(source))[0] === 'ended' && (await states(target))[0] === 'ended');
    expect((await heard(target)).map(({ note }) => note)).toEqual(['one', 'two', DIALOG_END]);
    expect((await heard(source)).map(({ note }) => note)).toEqual(['re: one', 're: two', `re: ${DIALOG_END}`]);
    await expect(tell(target, bound.replica, id, 'late')).rejects.toBeInstanceOf(DialogNotOpen);
  });

  it('tells the far end why it ended in an error', async () => {
    const [source, target] = [await broker('source'), await broker('target')];
    const channels = [new Network().channel()];
    await target.replica({ channels, handlers: [hearing('target')] });
    const sender = await source.replica({ channels });
    const id = await begin(source, sender, target.name);
    await tell(source, sender, id, 'one');
    await source.database.transaction((tx) => sender.engine.dialogs.endWithError(tx, id, 'printer on fire'));
    await eventually(async () => (await states(target))[0] === 'ended' && (await states(source))[0] === 'ended');
    const reasons = (one: TestBroker) => one.rows('SELECT error_reason FROM messaging.dialog_endpoint');
    expect(await reasons(target)).toEqual([{ error_reason: 'printer on fire' }]);
    expect((await heard(target)).map(({ note }) => note)).toEqual(['one']);
  });

  it('numbers without gaps what is sent beside a transaction that rolls back', async () => {
    const [source, target] = [await broker('source'), await broker('target')];
    const channels = [new Network().channel()];
    await target.replica({ channels, handlers: [hearing('target')] });
    const sender = await source.replica({ channels });
    const id = await begin(source, sender, target.name);
    const failing = source.database.transaction(async (tx) => {
      await sender.engine.dialogs.send(tx, id, { type: 'note', version: 1, body: { note: 'never' } });
      throw new Error('rolled back');
    });
    await expect(failing).rejects.toThrow('rolled back');
    await Promise.all([tell(source, sender, id, 'a'), tell(source, sender, id, 'b'), tell(source, sender, id, 'c')]);
    await eventually(async () => (await target.count('heard')) === 3);
    expect((await heard(target)).map(({ sequence }) => sequence)).toEqual([1, 2, 3]);
  });

  it('keeps what comes before its turn, and applies it when its turn has come, even after a crash', async () => {
    const [source, target] = [await broker('source'), await broker('target')];
    const network = new Network();
    const lost = new Set([1, 2]);
    network.fate = ({ grade, sequence }) => ({
      copies: grade === 'message' && lost.has(sequence) ? 0 : 1,
      delayMs: () => 0,
    });
    const channels = [network.channel()];
    await target.replica({ channels, handlers: [hearing('target')] });
    const sender = await source.replica({ channels });
    const id = await begin(source, sender, target.name);
    await tell(source, sender, id, 'one', 'two', 'three', 'four');
    const parked = () =>
      target.rows('SELECT sequence, reason FROM messaging.parked_message WHERE dialog_id = $1 ORDER BY 1', [id]);
    await eventually(async () => (await parked()).length === 2);
    expect(await parked()).toEqual([
      { sequence: 3, reason: 'gap' },
      { sequence: 4, reason: 'gap' },
    ]);
    // As a process leaves it that dies after it has applied a message and before it looks for what was waiting.
    await target.rows('UPDATE messaging.dialog_endpoint SET next_receive_sequence = 3');
    await eventually(async () => (await target.count('heard')) === 2);
    expect((await heard(target)).map(({ note }) => note)).toEqual(['three', 'four']);
    expect(await parked()).toEqual([]);
  });

  it('waits for a message whose handler fails, while other dialogs go on', async () => {
    const [source, target] = [await broker('source'), await broker('target')];
    const channels = [new Network().channel()];
    let mended = false;
    const failing: Then = (_tx, _dialogId, note) =>
      note === 'bad' && !mended ? Promise.reject(new Error('not yet')) : Promise.resolve();
    await target.replica({ channels, handlers: [hearing('target', 'note', { then: failing })] });
    const sender = await source.replica({ channels });
    const [one, other] = [await begin(source, sender, target.name), await begin(source, sender, target.name)];
    await tell(source, sender, one, 'good', 'bad', 'after');
    await tell(source, sender, other, 'x', 'y');
    const notes = async (id: string) =>
      (await heard(target)).filter((row) => row.dialog_id === id).map(({ note }) => note);
    await eventually(async () => (await notes(other)).length === 2 && (await notes(one)).length === 1);
    expect(await notes(one)).toEqual(['good']);
    mended = true;
    await eventually(async () => (await notes(one)).length === 3);
    expect(await notes(one)).toEqual(['good', 'bad', 'after']);
  });

  it('refuses a second content for a place that is taken', async () => {
    const [source, target] = [await broker('source'), await broker('target')];
    const network = new Network();
    const channels = [network.channel()];
    const receiver = await target.replica({ channels, handlers: [hearing('target')] });
    const sender = await source.replica({ channels });
    const id = await begin(source, sender, target.name);
    await tell(source, sender, id, 'one');
    await eventually(async () => (await target.count('heard')) === 1);
    const [first] = network.carried.filter(({ envelope }) => envelope.grade === 'message');
    const forged = [
      { ...first?.envelope, messageId: randomUUID() },
      { ...first?.envelope, body: { note: 'forged' } },
    ];
    await channels[0]?.add(first?.queue ?? '', [{ envelopes: forged as never }]);
    await eventually(() => receiver.engine.counters.refused === 2);
    expect(await target.count('heard')).toBe(1);
  });
});

/** Goal: the trap of article "Using multiple routes", reproduced and closed: one dialog, two targets that both begin it. */
describe('a first message that reaches two targets', () => {
  async function reachTwo(dialogProtocol: DialogProtocol) {
    const [source, one, other] = [await broker('source'), await broker('one'), await broker('other')];
    const network = new Network();
    network.fate = ({ toBroker }) => ({ copies: 1, delayMs: () => 0, toAllReaders: toBroker === null });
    const channels = [network.channel()];
    const handlers = [hearing('target')];
    const targets = [
      await one.replica({ channels, handlers, dialogProtocol }),
      await other.replica({ channels, handlers, dialogProtocol }),
    ];
    const sender = await source.replica({ channels, routes: [routeTo(null)] });
    const id = await begin(source, sender);
    await tell(source, sender, id, 'act once');
    return { source, one, other, sender, targets, id, network };
  }

  it('is acted upon twice without the handshake', async () => {
    const { one, other } = await reachTwo(WITHOUT_HANDSHAKE);
    await eventually(async () => (await one.count('heard')) === 1 && (await other.count('heard')) === 1);
  });

  it('is acted upon once with it; the second target is refused and forgets the dialog', async () => {
    const { source, one, other, sender, id } = await reachTwo(DIALOG_PROTOCOL);
    await eventually(async () => (await source.count('messaging.transmission_queue')) === 0);
    await eventually(() => sender.engine.counters.strays > 0);
    const [row] = await source.rows<{ far_broker: string }>('SELECT far_broker FROM messaging.dialog_endpoint');
    const [winner, loser] = row?.far_broker === one.name ? [one, other] : [other, one];
    await eventually(async () => (await loser.count('messaging.dialog_endpoint')) === 0);
    expect(await loser.count('messaging.parked_message')).toBe(0);
    await tell(source, sender, id, 'and again');
    await eventually(async () => (await winner.count('heard')) === 2);
    expect(await loser.count('heard')).toBe(0);
  });
});

it('asks again for a confirmation or refusal that was lost', async () => {
  const [source, one, other] = [await broker('source'), await broker('one'), await broker('other')];
  const network = new Network();
  let refusals = 0;
  network.fate = ({ toBroker, grade }) => ({
    copies: grade === 'refusal' && refusals++ === 0 ? 0 : 1,
    delayMs: () => 0,
    toAllReaders: toBroker === null,
  });
  const channels = [network.channel()];
  const handlers = [hearing('target')];
  for (const target of [one, other]) await target.replica({ channels, handlers, clock: HURRIED });
  const sender = await source.replica({ channels, routes: [routeTo(null)] });
  await tell(source, sender, await begin(source, sender), 'act once');
  const left = async () =>
    (await one.count('messaging.parked_message')) + (await other.count('messaging.parked_message'));
  await eventually(async () => refusals === 1 && (await left()) === 1);
  for (const target of [one, other]) await target.rows('UPDATE messaging.parked_message SET next_attempt_at = now()');
  await eventually(async () => (await left()) === 0);
  expect((await one.count('messaging.dialog_endpoint')) + (await other.count('messaging.dialog_endpoint'))).toBe(1);
  expect((await one.count('heard')) + (await other.count('heard'))).toBe(1);
});

it('sends dialogs of one conversation group to one broker', async () => {
  const source = await broker('source');
  const network = new Network();
  const sender = await source.replica({ channels: [network.channel()], routes: ['a', 'b', 'c'].map(routeTo) });
  const dialog = { fromService: 'source', toService: 'target', conversationGroup: 'ACC-0001' };
  await source.database.transaction(async (tx) => {
    for (let count = 0; count < 12; count++) {
      const id = await sender.engine.dialogs.begin(tx, dialog);
      await sender.engine.dialogs.send(tx, id, { type: 'note', version: 1, body: null });
    }
  });
  await eventually(() => network.carried.filter(({ envelope }) => envelope.grade === 'message').length === 12);
  expect(new Set(network.carried.map(({ queue }) => queue)).size).toBe(1);
});

describe('routes', () => {
  it('changed while it runs move a dialog that nobody has acknowledged, and no other', async () => {
    const [source, one, other] = [await broker('source'), await broker('one'), await broker('other')];
    const network = new Network();
    const channels = [network.channel()];
    await one.replica({ channels, handlers: [hearing('target')] });
    await other.replica({ channels, handlers: [hearing('target')] });
    const sender = await source.replica({ channels, routes: [routeTo(one.name)] });
    const [locked, open] = [await begin(source, sender), await begin(source, sender)];
    await tell(source, sender, locked, 'first');
    await eventually(async () => (await one.count('heard')) === 1);
    network.fate = ({ toBroker }) => ({ copies: toBroker === one.name ? 0 : 1, delayMs: () => 0 });
    await tell(source, sender, open, 'moved');
    await sender.engine.routes.put([routeTo(other.name)]);
    await eventually(async () => (await other.count('heard')) === 1);
    network.fate = () => ({ copies: 1, delayMs: () => 0 });
    await tell(source, sender, locked, 'second');
    await eventually(async () => (await one.count('heard')) === 2);
    expect((await heard(one)).map(({ note }) => note)).toEqual(['first', 'second']);
    expect((await heard(other)).map(({ note }) => note)).toEqual(['moved']);
  });

  it('put at one replica are followed by another within a second', async () => {
    const source = await broker('source');
    const channels = [new Network().channel()];
    const [one, other] = [await source.replica({ channels }), await source.replica({ channels })];
    await eventually(() => other.logged.some(({ message }) => message === 'routes are in use'));
    const routes = ['target-c', 'target-a', 'target-d', 'target-b'].map(routeTo);
    await one.engine.routes.put(routes);
    const followed = () => other.logged.filter(({ message }) => message === 'routes are in use').length === 2;
    await within(followed, 1_000);
    await expect(one.engine.routes.put([{ ...routeTo(null), channels: ['nowhere'] }])).rejects.toThrow(RangeError);
    expect(await one.engine.routes.list()).toEqual(routes);
  });

  it('of one broker over several channels are all kept', async () => {
    const source = await broker('source');
    const named = (name: string): Channel => ({ ...new Network().channel(), name });
    const { engine } = await source.replica({ channels: [named('one'), named('two'), named('three')] });
    const over = (...channels: string[]): Route => ({ ...routeTo('target-b'), channels });
    await engine.routes.put([over('one'), over('two')]);
    expect(await engine.routes.list()).toEqual([over('one', 'two')]);
  });
});

it('drops and counts messages of a dialog that name another broker', async () => {
  const [source, target] = [await broker('source'), await broker('target')];
  const network = new Network();
  const channels = [network.channel()];
  const receiver = await target.replica({ channels, handlers: [hearing('target')] });
  const sender = await source.replica({ channels });
  const id = await begin(source, sender, 'somebody-else');
  await tell(source, sender, id, 'one');
  await eventually(() => network.carried.some(({ envelope }) => envelope.grade === 'message'));
  const [{ envelope }] = network.carried.filter((one) => one.envelope.grade === 'message') as [
    (typeof network.carried)[0],
  ];
  await channels[0]?.add(`target.${target.name}`, [{ envelopes: [envelope] }]);
  await eventually(() => receiver.engine.counters.misdirected === 1);
  expect(await target.count('messaging.dialog_endpoint')).toBe(0);
});

it('leaves nothing at a broker that does not have its service', async () => {
  const [source, elsewhere] = [await broker('source'), await broker('elsewhere')];
  const network = new Network();
  const channels = [network.channel()];
  const stray = await elsewhere.replica({ channels, handlers: [hearing('another')] });
  const sender = await source.replica({ channels, routes: [routeTo(null)] });
  const id = await begin(source, sender);
  await tell(source, sender, id, 'one');
  await source.database.transaction((tx) => sender.engine.dialogs.end(tx, id));
  const sent = () => network.carried.map(({ envelope }) => envelope).filter(({ grade }) => grade === 'message');
  await eventually(() => sent().length >= 2);
  await network.deliverTogether(`another.${elsewhere.name}`, sent().slice(0, 2));
  expect(sent()[1]).toMatchObject({ type: DIALOG_END, toBroker: null });
  expect(stray.engine.counters.misdirected).toBe(2);
  expect(await elsewhere.count('messaging.dialog_endpoint')).toBe(0);
  expect(await elsewhere.count('messaging.parked_message')).toBe(0);
});
