import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { testRedisUrl } from '../../../test/servers/test-servers.js';
import { eventually, note, recording, TestBroker } from './test-broker.js';

const MESSAGES = 5_000;
const PER_TRANSACTION = 50;

/** Goal: a sanity check that nothing is lost at full speed; the rate is printed for information, since machines differ. */
describe('five thousand messages at full speed', () => {
  let source: TestBroker;
  let target: TestBroker;

  beforeAll(async () => {
    [source, target] = await Promise.all([TestBroker.create('source'), TestBroker.create('target')]);
  });

  afterAll(async () => {
    await Promise.all([source.close(), target.close()]);
  });

  it('are each applied once', async () => {
    const channels = `only=${testRedisUrl() ?? source.server.url}`;
    const batches: number[] = [];
    const receiver = await target.replica({
      channels,
      handlers: [recording({ onBatch: (notes) => batches.push(notes.length) })],
    });
    const sender = await source.replica({ channels });
    const startedAt = performance.now();
    const transactions = Array.from({ length: MESSAGES / PER_TRANSACTION }, (_, index) =>
      Array.from({ length: PER_TRANSACTION }, (_, at) => note(target.name, `${index}-${at}`)),
    );
    let next = 0;
    const lanes = Array.from({ length: 2 }, async () => {
      for (let batch = transactions[next++]; batch !== undefined; batch = transactions[next++]) {
        await source.send(sender, batch);
      }
    });
    await Promise.all(lanes);
    const committedAt = performance.now();
    await eventually(() => receiver.engine.counters.received >= MESSAGES, 30_000);
    const appliedAt = performance.now();
    await eventually(async () => (await source.count('messaging.transmission_queue')) === 0, 30_000);
    const answeredAt = performance.now();
    const rate = (until: number) => Math.round((MESSAGES * 1_000) / (until - startedAt));
    process.stdout.write(
      `committed ${rate(committedAt)}/s, applied ${rate(appliedAt)}/s, answered ${rate(answeredAt)}/s, ` +
        `${batches.length} transactions at the target\n`,
    );
    expect(await target.count('effect')).toBe(MESSAGES);
    expect(receiver.engine.counters.failed).toBe(0);
  });
});
