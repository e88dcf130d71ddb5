import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { testRedisUrl } from '../../../test/servers/test-servers.js';
import type { Handler } from '../src/engine/handlers.js';
import { ANY_BODY, eventually, note, recording, TestBroker } from './test-broker.js';

const answers: { inReplyTo: string; body: unknown; request: unknown }[] = [];

const collecting: Handler = {
  kind: 'answers',
  service: 'source',
  type: 'note',
  version: 1,
  schema: ANY_BODY,
  handle: async (received) => void answers.push(...received),
};

describe.each(['redis', 'postgres'] as const)('delivery over %s', (kind) => {
  let source: TestBroker;
  let target: TestBroker;
  let channels: string;

  beforeAll(async () => {
    [source, target] = await Promise.all([TestBroker.create('source'), TestBroker.create('target')]);
    channels = `only=${kind === 'redis' ? (testRedisUrl() ?? 'redis://127.0.0.1:1') : source.server.url}`;
  });

  afterAll(async () => {
    await Promise.all([source.close(), target.close()]);
  });

  it('applies what was committed, brings the answer back and empties the transmission queue', async () => {
    await target.replica({ channels, handlers: [recording()] });
    const sender = await source.replica({ channels, handlers: [collecting] });
    const message = note(target.name, 'hello');
    await source.send(sender, [message]);
    await eventually(async () => (await source.count('messaging.transmission_queue')) === 0);
    expect(await target.rows('SELECT note FROM effect')).toEqual([{ note: 'hello' }]);
    expect(answers).toContainEqual(
      expect.objectContaining({ body: { took: 'hello' }, request: { note: 'hello' }, dialogId: message.dialogId }),
    );
  });
});
