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
import { poolConfigOf } from '#database';
import { settlesWithin } from '../engine/deadline.js';
import type { Channel, Listener } from '../ports/channel.js';
import type { Bundle } from '../protocol/bundle.js';
import { addJobs, EVENTS_KEPT, WORKER_OPTIONS } from './job-options.js';
import { LOOK_SECONDS, PostgresListener } from './postgres-listener.js';
import { RunningHandlers } from './running-handlers.js';

type PostgresQueue = Queue<Bundle, void, string, Bundle, void, string, PostgresQueueBackend, PostgresConnectionOptions>;

/** Connections besides the one that each queue's monitor listens on. */
const WORKING_CONNECTIONS = 4;

/** Longest wait for a connection, milliseconds: the other channel is tried meanwhile. */
const CONNECT_MS_MAX = 1_000;

/** Longest wait for connections to close, milliseconds: those of a server that is gone never do. */
const CLOSE_MS_MAX = 1_000;

/** Longest wait for an answer on a connection that may be half open, milliseconds. */
const QUERY_MS_MAX = 5_000;

const ignore = () => undefined;

/**
 * BullMQ on PostgreSQL (schema `bullmq` of the database that the URL names, created where it is missing). Slower than
 * Redis, and there wherever the database is. A URL with several servers follows their primary.
 */
export class PostgresChannel implements Channel {
  readonly kind = 'postgres';
  readonly idleProbeMs = 60_000;
  private readonly config: pg.ClientConfig;
  private readonly pool: pg.Pool;
  /** The same, as BullMQ's types have it. */
  private readonly connection: PgPool;
  private readonly queues = new Map<string, PostgresQueue>();
  private opened: Promise<void> | null = null;

  constructor(
    readonly name: string,
    url: string,
  ) {
    this.config = poolConfigOf(url);
    this.pool = new pg.Pool({
      ...this.config,
      application_name: `messaging-${name}`,
      options: '-c search_path=bullmq',
      max: WORKING_CONNECTIONS,
      connectionTimeoutMillis: CONNECT_MS_MAX,
      idleTimeoutMillis: 30_000,
      query_timeout: QUERY_MS_MAX,
    });
    this.pool.setMaxListeners(0);
    this.pool.on('error', ignore);
    this.connection = this.pool as unknown as PgPool;
  }

  async add(queue: string, bundles: readonly Bundle[]): Promise<void> {
    await this.open();
    try {
      await addJobs(this.queue(queue), bundles);
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
    const handlers = new RunningHandlers(handle);
    // Otherwise monitors would take all connections, and nobody could read what they are told of.
    this.pool.options.max++;
    return new PostgresListener(
      handlers,
      () => this.worker(queue, handlers),
      () => this.open(),
      () => this.pool.options.max--,
    );
  }

  async close(): Promise<void> {
    await Promise.all([...this.queues.keys()].map((queue) => this.forget(queue)));
    await settlesWithin(CLOSE_MS_MAX, this.pool.end());
  }

  /** Creates BullMQ's tables once per process; tried again by the next caller where that failed. */
  private open(): Promise<void> {
    this.opened ??= createTables(this.config).catch((error: unknown) => {
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

  private worker(queue: string, handlers: RunningHandlers) {
    const worker = new Worker<unknown, void, string, PostgresQueueBackend, JobProgress, PostgresConnectionOptions>(
      queue,
      handlers.process,
      {
        ...WORKER_OPTIONS,
        connection: this.connection,
        concurrency: 1,
        drainDelay: LOOK_SECONDS.often,
      },
      createPostgresBackend,
    );
    worker.on('error', ignore).on('drained', handlers.onDrained);
    return worker;
  }
}

/** In a connection of its own, since it may have to wait for another process that does the same. */
async function createTables(config: pg.ClientConfig): Promise<void> {
  const client = new pg.Client({ ...config, connectionTimeoutMillis: CONNECT_MS_MAX });
  client.on('error', ignore);
  try {
    await client.connect();
    await runMigrations(client);
  } finally {
    await client.end().catch(ignore);
  }
}
