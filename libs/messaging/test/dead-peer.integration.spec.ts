import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { testRedisUrl } from '../../../test/servers/test-servers.js';
import { openChannel } from '../src/bullmq/open-channel.js';
import { BUNDLES_MAX } from '../src/engine/congestion.js';
import type { Channel } from '../src/ports/channel.js';
import { parseChannels } from '../src/protocol/channel-spec.js';
import { requestQueue } from '../src/protocol/queue-names.js';
import { eventually, note, recording, TestBroker } from './test-broker.js';

jest.setTimeout(90_000);

const UNANSWERED = 100_000;

/** Messages that have been sent `attempts` times, and whose answer is overdue since long before `dueSince`. */
const UNANSWERED_ROWS = `
  INSERT INTO messaging.transmission_queue
    (message_id, dialog_id, sequence, from_service, to_service, to_broker, type, version, body, attempts, next_attempt_at)
  SELECT gen_random_uuid(), gen_random_uuid(), 1, 'source', 'target', $1, 'note', 1, '{"note": "old"}', $2,
         now() - $3 * interval '1 second'
    FROM generate_series(1, $4)`;

/** Goal: a peer that never answers fills no channel and keeps nobody else waiting. */
describe('a dead peer', () => {
  let source: TestBroker;
  let living: TestBroker;
  let dead: TestBroker;
  let channels: string;
  let channel: Channel;
  let queue: string;

  beforeEach(async () => {
    [source, living, dead] = await Promise.all([
      TestBroker.create('source'),
      TestBroker.create('living'),
      TestBroker.create('dead'),
    ]);
    channels = `only=${testRedisUrl() ?? source.server.url}`;
    channel = parseChannels(channels).channels.map(openChannel)[0] as Channel;
    queue = requestQueue('target', dead.name);
  });

  afterEach(async () => {
    await channel.close();
    await Promise.all([source, living, dead].map((broker) => broker.close()));
  });

  const untouched = async () =>
    (await source.rows(`SELECT FROM messaging.transmission_queue WHERE to_broker = $1 AND attempts = 5`, [dead.name]))
      .length;

  it('delays nobody, has a bounded queue, and gets everything when it is back', async () => {
    await source.rows(UNANSWERED_ROWS, [dead.name, 5, 600, UNANSWERED]);
    await source.rows(UNANSWERED_ROWS, [living.name, 1, 1, 50]);
    // What was sent before and nobody has read.
    const unread = Array.from({ length: BUNDLES_MAX }, () => ({ envelopes: [] }));
    await eventually(() =>
      channel.add(queue, unread).then(
        () => true,
        () => false,
      ),
    );
    await living.replica({ channels, handlers: [recording()] });
    const replica = await source.replica({ channels });

    await eventually(async () => (await living.count('effect')) === 50, 10_000);
    await eventually(() => replica.logged.some(({ message }) => message.startsWith('nobody reads this queue')), 30_000);
    const left = await untouched();
    expect(left).toBeGreaterThan(UNANSWERED * 0.9);
    const waiting = await channel.backlog(queue);
    // Neither what is overdue nor what is new goes there any more; the others still get theirs at once.
    const fresh = randomUUID();
    await source.send(replica, [note(dead.name, 'new', { messageId: fresh }), note(living.name, 'new')]);
    await eventually(async () => (await living.count('effect')) === 51);
    // By then the sweep has been past the new one, which nobody has answered.
    await source.rows(UNANSWERED_ROWS, [living.name, 1, -3, 1]);
    await eventually(async () => (await living.count('effect')) === 52);
    expect(await untouched()).toBe(left);
    expect(await channel.backlog(queue)).toBe(waiting);
    expect(waiting).toBeLessThan(BUNDLES_MAX * 1.5);

    await source.rows(
      `DELETE FROM messaging.transmission_queue WHERE to_broker = $1 AND attempts = 5 AND message_id NOT IN
         (SELECT message_id FROM messaging.transmission_queue WHERE to_broker = $1 AND attempts = 5 LIMIT 300)`,
      [dead.name],
    );
    await dead.replica({ channels, handlers: [recording()] });
    await eventually(async () => (await source.count('messaging.transmission_queue')) === 0, 60_000);
    expect(await dead.count(`effect WHERE message_id = '${fresh}'`)).toBe(1);
  });
});
