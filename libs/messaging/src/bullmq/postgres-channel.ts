import {
  createPostgresBackend,
  type JobProgress,
  type PgPool,
  type PostgresConnectionOptions,
  type PostgresQueueBackend,
  Queue,
  runMigrations,
  Worker,
} from 'bullmq';
import pg from 'pg';
import { settlesWithin } from '../engine/deadline.js';
import type { Channel, Listener } from '../ports/channel.js';
import type { Bundle } from '../protocol/bundle.js';
import { EVENTS_KEPT, jobsOf, LISTENER_CLOSE_MS_MAX, WORKER_OPTIONS } from './job-options.js';

type PostgresQueue = Queue<Bundle, void, string, Bundle, void, string, PostgresQueueBackend, PostgresConnectionOptions>;

/** Connections besides the one that each queue's monitor listens on. */
const WORKING_CONNECTIONS = 4;

/** Between two attempts to open a channel or reader that is not there, milliseconds. */
const REOPEN_MS = 1_000;

/** New jobs are announced by NOTIFY; looking without being told is only a backstop, and costs transactions. Seconds. */
const LOOK_SECONDS = { often: 120, seldom: 600 } as const;

/** Longest wait for an answer on a connection that may be half open, milliseconds. */
const QUERY_MS_MAX = 5_000;

/** Looking for jobs whose reader died, milliseconds. Rare, since their sources send them again long before. */
const STALLED_INTERVAL_MS = 60_000;

const ignore = () => undefined;

/**
 * BullMQ on PostgreSQL (schema `bullmq` of the database that the URL names, created where it is missing). Slower than
 * Redis, and there wherever the database is.
 */
export class PostgresChannel implements Channel {
  readonly kind = 'postgres';
  readonly idleProbeMs = 60_000;
  private readonly pool: pg.Pool;
  /** The same, as BullMQ's types have it. */
  private readonly connection: PgPool;
  private readonly queues = new Map<string, PostgresQueue>();
  private opened: Promise<void> | null = null;

  constructor(
    readonly name: string,
    private readonly url: string,
  ) {
    this.pool = new pg.Pool({
      connectionString: url,
      application_name: `messaging-${name}`,
      options: '-c search_path=bullmq',
      max: WORKING_CONNECTIONS,
      connectionTimeoutMillis: 1_000,
      idleTimeoutMillis: 30_000,
      query_timeout: QUERY_MS_MAX,
      keepAlive: true,
    });
    this.pool.setMaxListeners(0);
    this.pool.on('error', ignore);
    this.connection = this.pool as unknown as PgPool;
  }

  async add(queue: string, bundles: readonly Bundle[]): Promise<void> {
    await this.open();
    try {
      await this.queue(queue).addBulk(jobsOf(bundles));
    } catch (error) {
      // A queue remembers for ever that its first connection failed: the next add gets a new one.
      await this.forget(queue);
      throw error;
    }
  }

  async backlog(queue: string): Promise<number> {
    await this.open();
    return this.queue(queue).getJobCountByTypes('wait');
  }

  async listeners(queue: string): Promise<number> {
    await this.open();
    return this.queue(queue).getWorkersCount();
  }

  listen(queue: string, handle: (data: unknown) => Promise<void>): Listener {
    // Otherwise monitors would take all connections, and nobody could read what they are told of.
    this.pool.options.max++;
    return new PostgresListener(
      () => this.worker(queue, handle),
      () => this.open(),
      () => this.pool.options.max--,
    );
  }

  async close(): Promise<void> {
    await Promise.all([...this.queues.keys()].map((queue) => this.forget(queue)));
    await this.pool.end();
  }

  /** Creates BullMQ's tables once per process; tried again by the next caller where that failed. */
  private open(): Promise<void> {
    this.opened ??= createTables(this.url).catch((error: unknown) => {
      this.opened = null;
      throw error;
    });
    return this.opened;
  }

  private queue(name: string): PostgresQueue {
    const known = this.queues.get(name);
    if (known !== undefined) return known;
    const queue: PostgresQueue = new Queue(
      name,
      { connection: this.connection, streams: { events: { maxLen: EVENTS_KEPT } } },
      createPostgresBackend,
    );
    queue.on('error', ignore);
    this.queues.set(name, queue);
    return queue;
  }

  private async forget(name: string): Promise<void> {
    const queue = this.queues.get(name);
    this.queues.delete(name);
    await queue?.close().catch(ignore);
  }

  private worker(queue: string, handle: (data: unknown) => Promise<void>) {
    const worker = new Worker<unknown, void, string, PostgresQueueBackend, JobProgress, PostgresConnectionOptions>(
      queue,
      ({ data }) => handle(data),
      {
        ...WORKER_OPTIONS,
        connection: this.connection,
        concurrency: 1,
        drainDelay: LOOK_SECONDS.often,
        stalledInterval: STALLED_INTERVAL_MS,
      },
      createPostgresBackend,
    );
    worker.on('error', ignore);
    return worker;
  }
}

/** What is used of a BullMQ worker. */
interface Monitor {
  concurrency: number;
  readonly opts: { drainDelay?: number };
  waitUntilReady(): Promise<unknown>;
  close(): Promise<void>;
}

/** Keeps trying to have a worker; BullMQ's own never recovers from a first connection that failed. */
class PostgresListener implements Listener {
  private readonly closing = new AbortController();
  private readonly running: Promise<void>;
  private worker: Monitor | null = null;
  private readers = 1;
  private pace: 'often' | 'seldom' = 'often';

  constructor(
    private readonly start: () => Monitor,
    private readonly ready: () => Promise<void>,
    private readonly closed: () => void,
  ) {
    this.running = this.run();
  }

  allow(readers: number): void {
    this.readers = readers;
    if (this.worker !== null) this.worker.concurrency = readers;
  }

  look(pace: 'often' | 'seldom'): void {
    this.pace = pace;
    if (this.worker !== null) this.worker.opts.drainDelay = LOOK_SECONDS[pace];
  }

  async close(): Promise<void> {
    this.closing.abort();
    await settlesWithin(LISTENER_CLOSE_MS_MAX, this.running.finally(this.closed));
  }

  private async run(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.closing.signal.addEventListener('abort', () => resolve()));
    while (!this.closing.signal.aborted) {
      const worker = await this.open();
      this.worker = worker;
      this.allow(this.readers);
      this.look(this.pace);
      await Promise.race([closed, worker === null ? pause(REOPEN_MS) : closed]);
      await worker?.close();
    }
  }

  private async open(): Promise<Monitor | null> {
    let worker: Monitor | null = null;
    try {
      await this.ready();
      worker = this.start();
      await worker.waitUntilReady();
      return worker;
    } catch {
      await worker?.close().catch(ignore);
      return null;
    }
  }
}

const pause = (delayMs: number) => new Promise<void>((resolve) => setTimeout(resolve, delayMs).unref());

/** In a connection of its own, since it may have to wait for another process that does the same. */
async function createTables(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 1_000 });
  client.on('error', ignore);
  try {
    await client.connect();
    await runMigrations(client);
  } finally {
    await client.end().catch(ignore);
  }
}
