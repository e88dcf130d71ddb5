import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { createTestDatabase, type TestDatabase, testRedisUrl } from '../../../test/servers/test-servers.js';
import { openChannel } from '../src/bullmq/open-channel.js';
import type { Handler } from '../src/engine/handlers.js';
import type { Channel } from '../src/ports/channel.js';
import type { Envelope } from '../src/protocol/envelope.js';
import { seeded } from './network.js';
import { ANY_BODY, eventually, TestBroker } from './test-broker.js';

jest.setTimeout(200_000);

const DIALOGS = 6;
const MESSAGES = 20;

/**
 * BullMQ on a server, except that some envelopes are lost the first time that they are put on it, by whatever replica: `fates` says which were. What
 * the envelope says of its attempts does not matter: on a slow machine the first may be one that the channel did not take in time, and a
 * repeated answer does not say that it is one.
 */
function lossy(kind: 'redis' | 'postgres', url: string, loss: number, fates: Map<string, 'lost' | 'arrives'>): Channel {
  const random = seeded(5);
  const real = openChannel({ name: 'only', kind, url });
  const arrives = ({ grade, messageId, inReplyTo }: Envelope) => {
    const identity = `${grade} ${inReplyTo ?? messageId}`;
    if (fates.has(identity)) return true;
    const fate = random() < loss ? 'lost' : 'arrives';
    fates.set(identity, fate);
    return fate === 'arrives';
  };
  return {
    name: real.name,
    kind: real.kind,
    idleProbeMs: real.idleProbeMs,
    add: (queue, bundles) => {
      const arriving = bundles.map(({ envelopes, ...bundle }) => ({
        ...bundle,
        envelopes: envelopes.filter(arrives),
      }));
      return real.add(queue, arriving);
    },
    listen: (queue, handle) => real.listen(queue, handle),
    backlog: (queue) => real.backlog(queue),
    listeners: (queue) => real.listeners(queue),
    close: () => real.close(),
  };
}

/**
 * Goal: what the other dialog tests show on a channel within the process, order, gaps, handshake and ends, on the real ones. Method: two brokers
 * read the service's queue, of which the dialogs name none; every tenth envelope is lost the first time.
 */
describe.each(['redis', 'postgres'] as const)('dialogs with whoever reads the queue first, on %s', (kind) => {
  const service = `target-${randomUUID().slice(0, 8)}`;
  let brokers: TestBroker[];
  let database: TestDatabase | null;
  let url: string | null;

  beforeEach(async () => {
    database = kind === 'postgres' ? await createTestDatabase() : null;
    url = database?.url ?? testRedisUrl();
    brokers = await Promise.all(['source', 'one', 'other'].map((name) => TestBroker.create(name)));
    const heard = 'CREATE TABLE heard (id serial, dialog_id uuid, sequence integer)';
    await Promise.all(brokers.map((broker) => broker.rows(heard)));
  });

  afterEach(async () => {
    await Promise.all(brokers.map((broker) => broker.close()));
    await database?.drop();
  });

  const hearing: Handler = {
    kind: 'messages',
    service,
    type: 'note',
    version: 1,
    schema: ANY_BODY,
    async handle(messages, tx) {
      const text = 'INSERT INTO heard (dialog_id, sequence) SELECT * FROM unnest($1::uuid[], $2::integer[])';
      const columns = [messages.map(({ dialogId }) => dialogId), messages.map(({ sequence }) => sequence)];
      await tx.query({ name: 'test-hear', text }, columns);
      return messages.map(() => null);
    },
  };

  const itWithServer = kind === 'redis' && testRedisUrl() === null ? it.skip : it;

  itWithServer('are each applied once, in order, by one broker, and end at both', async () => {
    const server = url ?? '';
    const [source, ...targets] = brokers as [TestBroker, TestBroker, TestBroker];
    const fates = new Map<string, 'lost' | 'arrives'>();
    const channels = () => [lossy(kind, server, 0.1, fates)];
    const receivers = await Promise.all(
      targets.flatMap((target) => [1, 2].map(() => target.replica({ channels: channels(), handlers: [hearing] }))),
    );
    const { engine } = await source.replica({
      channels: channels(),
      routes: [{ service, broker: null, channels: [] }],
    });
    const ids = await Promise.all(
      Array.from({ length: DIALOGS }, () =>
        source.database.transaction((tx) => engine.dialogs.begin(tx, { fromService: 'source', toService: service })),
      ),
    );
    for (let message = 1; message <= MESSAGES; message++) {
      const tell = (id: string) =>
        source.database.transaction((tx) =>
          engine.dialogs.send(tx, id, { type: 'note', version: 1, body: { message } }),
        );
      await Promise.all(ids.map(tell));
    }
    for (const id of ids) await source.database.transaction((tx) => engine.dialogs.end(tx, id));

    await eventually(async () => (await source.count('messaging.transmission_queue')) === 0, 100_000);
    const inOrder = Array.from({ length: MESSAGES }, (_, index) => index + 1);
    const heard = await Promise.all(
      targets.map((target) =>
        target.rows<{ dialog_id: string; sequence: number }>('SELECT dialog_id, sequence FROM heard ORDER BY id'),
      ),
    );
    for (const id of ids) {
      const at = heard.map((all) => all.filter((one) => one.dialog_id === id).map(({ sequence }) => sequence));
      expect(at.filter((sequences) => sequences.length > 0)).toEqual([inOrder]);
    }
    // A broker that got a copy, perhaps only now, and was not chosen forgets the dialog when it is refused, of which it may have to remind the source.
    const left = async (broker: TestBroker) =>
      (await broker.count('messaging.dialog_endpoint WHERE NOT ended')) +
      (await broker.count('messaging.parked_message'));
    for (const broker of brokers) await eventually(async () => (await left(broker)) === 0, 100_000);
    // It was not too easy: messages and answers were lost, and messages had to wait for their confirmation, or for one before them.
    expect(receivers.reduce((sum, receiver) => sum + receiver.engine.counters.parked, 0)).toBeGreaterThan(0);
    const lost = [...fates].filter(([, fate]) => fate === 'lost').map(([identity]) => identity.split(' ')[0]);
    expect(lost).toEqual(expect.arrayContaining(['message', 'answer']));
  });
});
