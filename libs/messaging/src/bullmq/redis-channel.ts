import { Queue, Worker } from 'bullmq';
import { Redis, type RedisOptions } from 'ioredis';
import type { Channel, Listener } from '../ports/channel.js';
import type { Bundle } from '../protocol/bundle.js';
import { addJobs, EVENTS_KEPT, QUEUE_PREFIX, WORKER_OPTIONS } from './job-options.js';
import { RunningHandlers } from './running-handlers.js';

const RECONNECT_MS = 500;

const ANY_CONNECTION = { retryStrategy: () => RECONNECT_MS, keepAlive: 5_000, noDelay: true } satisfies RedisOptions;

/** Senders would rather fail than wait: there is another channel, and the transmission queue. */
const SENDER = {
  ...ANY_CONNECTION,
  enableOfflineQueue: false,
  /** What was under way when the connection broke fails at once. */
  maxRetriesPerRequest: 0,
  connectTimeout: 1_000,
  /** A half-open connection must not hold an add any longer, milliseconds. */
  commandTimeout: 700,
} satisfies RedisOptions;

/** Readers wait as long as it takes. */
const READER = {
  ...ANY_CONNECTION,
  maxRetriesPerRequest: null,
  connectTimeout: 3_000,
  /** Silence with commands under way after which a half-open connection is replaced, milliseconds. */
  socketTimeout: 5_000,
} satisfies RedisOptions;

/** Seconds that the monitor's blocking wait lasts before it looks again by itself. A message ends the wait at once. */
const LOOK_SECONDS = { often: 15, seldom: 30 } as const;

const ignore = () => undefined;

/**
 * BullMQ on one Redis (or Valkey). All senders of the process share one connection; each queue's monitor has one to block
 * on, whatever the number of its readers.
 */
export class RedisChannel implements Channel {
  readonly kind = 'redis';
  readonly idleProbeMs = 10_000;
  onLost: () => void = ignore;
  private readonly sender: Redis;
  private readonly queues = new Map<string, Queue>();
  private reader: ReaderConnection | null = null;

  constructor(
    readonly name: string,
    private readonly url: string,
  ) {
    this.sender = new Redis(url, SENDER);
    // Whether the channel is there is learnt from adds and probes; an emitter without a listener would end the process.
    this.sender.on('error', ignore);
    this.sender.on('close', () => this.onLost());
  }

  async add(queue: string, bundles: readonly Bundle[]): Promise<void> {
    await this.connected();
    await addJobs(this.queue(queue), bundles);
  }

  async backlog(queue: string): Promise<number> {
    await this.connected();
    return this.queue(queue).getJobCountByTypes('wait');
  }

  async listeners(queue: string): Promise<number> {
    await this.connected();
    return this.queue(queue).getWorkersCount();
  }

  listen(queue: string, handle: (data: unknown) => Promise<void>): Listener {
    this.reader ??= new ReaderConnection(this.url);
    const handlers = new RunningHandlers(handle);
    const worker = new Worker(queue, handlers.process, {
      ...WORKER_OPTIONS,
      connection: this.reader,
      prefix: QUEUE_PREFIX,
      concurrency: 1,
      drainDelay: LOOK_SECONDS.often,
      skipVersionCheck: true,
    });
    worker.on('error', ignore).on('drained', handlers.onDrained);
    return {
      allow: (readers) => handlers.allow(readers),
      foundEmpty: () => handlers.foundEmpty(),
      look: (pace) => void (worker.opts.drainDelay = LOOK_SECONDS[pace]),
      // A worker without its Redis would wait for it for ever to say goodbye.
      close: () => handlers.closeAfter(() => worker.close(this.reader?.status !== 'ready')),
    };
  }

  async close(): Promise<void> {
    await Promise.all([...this.queues.values()].map((queue) => queue.close()));
    this.reader?.disconnectAll();
    this.sender.disconnect();
  }

  /** Only a first connection is waited for; one that was lost is not. */
  private async connected(): Promise<void> {
    const { sender } = this;
    if (sender.status === 'ready') return;
    if (sender.status !== 'connecting' && sender.status !== 'connect') throw new Error('not connected');
    await new Promise<void>((resolve, reject) => {
      const settle = (act: () => void) => () => {
        sender.off('ready', ready).off('close', closed);
        act();
      };
      const ready = settle(resolve);
      const closed = settle(() => reject(new Error('not connected')));
      sender.once('ready', ready).once('close', closed);
    });
  }

  private queue(name: string): Queue {
    const known = this.queues.get(name);
    if (known !== undefined) return known;
    const queue = new Queue(name, {
      connection: this.sender,
      prefix: QUEUE_PREFIX,
      skipWaitingForReady: true,
      skipVersionCheck: true,
      streams: { events: { maxLen: EVENTS_KEPT } },
    });
    queue.on('error', ignore);
    this.queues.set(name, queue);
    return queue;
  }
}

/** The readers' shared connection, which knows the copies that BullMQ makes of it to block on. */
class ReaderConnection extends Redis {
  private readonly copies: Redis[] = [];

  constructor(url: string) {
    super(url, READER);
    this.on('error', ignore);
  }

  /** Blocking is silence by intent, and watched by BullMQ itself. */
  override duplicate<Override extends Partial<RedisOptions> | undefined = undefined>(override?: Override) {
    const copy = super.duplicate<Override>({ ...override, socketTimeout: undefined } as Override);
    copy.on('error', ignore);
    this.copies.push(copy);
    return copy;
  }

  disconnectAll(): void {
    for (const connection of [this, ...this.copies]) {
      if (connection.status !== 'end') connection.disconnect();
    }
  }
}
