import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { createTestDatabase, type TestDatabase, testRedisUrl } from '../../../test/servers/test-servers.js';
import { QUEUE_PREFIX } from '../src/bullmq/job-options.js';
import { openChannel } from '../src/bullmq/open-channel.js';
import type { Channel, Listener } from '../src/ports/channel.js';
import { eventually } from './test-broker.js';

jest.setTimeout(60_000);

const LOCK_MS = 3_000;

/** Takes one job and never comes to an end with it. It has itself made the first of the two looks after which a job counts as left behind. */
const READER = `
  import { createPostgresBackend, Worker } from 'bullmq';
  import pg from 'pg';
  const [queue, kind, url, prefix] = process.argv.slice(1);
  const isRedis = kind === 'redis';
  const connection = isRedis
    ? { url, maxRetriesPerRequest: null }
    : new pg.Pool({ connectionString: url, options: '-c search_path=bullmq' });
  const worker = new Worker(
    queue,
    () => new Promise(() => setTimeout(() => process.stdout.write('taken'), 1_500)),
    { connection, lockDuration: ${LOCK_MS}, lockRenewTime: 60_000, stalledInterval: 500, ...(isRedis ? { prefix } : {}) },
    ...(isRedis ? [] : [createPostgresBackend]),
  );
  worker.on('error', () => undefined);
`;

/** As if the minute between two looks for jobs that were left behind was over. */
async function forgetLastLook(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(`DELETE FROM bullmq.meta WHERE field = 'stalled-check'`);
  await client.end();
}

/** Goal: what a replica was at when it died is handed to nobody else: it may have been the reason. Its source sends it again. */
describe.each(['redis', 'postgres'] as const)('a job whose reader is killed, on %s', (kind) => {
  let database: TestDatabase | null = null;
  let url: string | undefined;
  let channel: Channel;
  let reader: ChildProcess | null = null;
  let listener: Listener | null = null;
  const queue = `killed.${randomUUID()}`;

  beforeAll(async () => {
    database = kind === 'postgres' ? await createTestDatabase() : null;
    url = (kind === 'postgres' ? database?.url : testRedisUrl()) ?? undefined;
  });

  beforeEach(() => {
    if (url !== undefined) channel = openChannel({ name: 'only', kind, url });
  });

  afterEach(async () => {
    reader?.kill('SIGKILL');
    await listener?.close();
    await channel?.close();
  });

  afterAll(() => database?.drop());

  it('is dropped, and those after it are read', async () => {
    if (url === undefined) return;
    const add = (canary: string) =>
      eventually(() =>
        channel.add(queue, [{ envelopes: [], canary }]).then(
          () => true,
          () => false,
        ),
      );
    await add('deadly');
    reader = spawn(process.execPath, ['--input-type=module', '-e', READER, queue, kind, url, QUEUE_PREFIX], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(reader.stdout ?? reader, 'data');
    const lockEndsAt = Date.now() + LOCK_MS;
    reader.kill('SIGKILL');
    await once(reader, 'exit');
    await eventually(() => Date.now() > lockEndsAt);
    if (kind === 'postgres') await forgetLastLook(url);

    const read: unknown[] = [];
    listener = channel.listen(queue, async (data) => void read.push(data));
    await add('next');
    await eventually(() => read.length > 0, 30_000);
    expect(read).toEqual([{ envelopes: [], canary: 'next' }]);
    // It counts as one until its reader has said that it is done.
    await eventually(async () => (await channel.backlog(queue)) === 0);
  });
});
