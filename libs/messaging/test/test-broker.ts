import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { DataSource } from 'typeorm';
import { Database, type SqlTransaction } from '#database';
import { createTestDatabase, type TestDatabase } from '../../../test/servers/test-servers.js';
import { openChannel } from '../src/bullmq/open-channel.js';
import { MessagingEngine } from '../src/engine/engine.js';
import type { Handler } from '../src/engine/handlers.js';
import type { OutgoingMessage } from '../src/messaging.js';
import type { Channel } from '../src/ports/channel.js';
import { type Clock, SYSTEM_CLOCK } from '../src/ports/clock.js';
import type { FaultPoints } from '../src/ports/fault-points.js';
import { MESSAGING_MIGRATIONS } from '../src/postgres/migrations.js';
import type { DialogEndpoints } from '../src/ports/dialog-store.js';
import { PostgresDialogEndpoints } from '../src/postgres/dialog-endpoints.js';
import { PostgresParkedMessages } from '../src/postgres/parked-messages.js';
import { PostgresProcessedMessages } from '../src/postgres/processed-messages.js';
import { PostgresQuarantineStore } from '../src/postgres/quarantine-store.js';
import { PostgresRetentionStore } from '../src/postgres/retention-store.js';
import { PostgresRouteTable } from '../src/postgres/route-table.js';
import { PostgresTransmissionQueue } from '../src/postgres/transmission-queue.js';
import { parseChannels } from '../src/protocol/channel-spec.js';
import type { RetentionPolicy } from '../src/protocol/retention.js';
import type { DialogProtocol } from '../src/protocol/dialog/index.js';
import type { Route } from '../src/protocol/routing.js';

/** A line that was logged. */
export interface LogLine {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly message: string;
  readonly context: object;
}

export interface ReplicaOptions {
  /** As in configuration, or made by the test. */
  readonly channels: string | readonly Channel[];
  readonly handlers?: readonly Handler[];
  readonly routes?: readonly Route[];
  readonly faultPoints?: FaultPoints;
  readonly retention?: RetentionPolicy;
  readonly replica?: string;
  readonly dialogProtocol?: DialogProtocol;
  readonly clock?: Clock;
  readonly endpoints?: DialogEndpoints;
}

export interface TestReplica {
  readonly engine: MessagingEngine;
  readonly logged: LogLine[];
  close(): Promise<void>;
}

/** One broker instance with a database of its own, and as many replicas as the test starts. */
export class TestBroker {
  private readonly replicas: TestReplica[] = [];

  private constructor(
    readonly name: string,
    readonly server: TestDatabase,
    private readonly pool: pg.Pool,
    readonly database: Database,
  ) {}

  /** `name` is made unique, since all test files share one Redis. */
  static async create(name: string): Promise<TestBroker> {
    const server = await createTestDatabase();
    const dataSource = new DataSource({ type: 'postgres', url: server.url, migrations: [...MESSAGING_MIGRATIONS] });
    await dataSource.initialize();
    await dataSource.runMigrations();
    await dataSource.destroy();
    const pool = new pg.Pool({ connectionString: server.url, max: 8, pipeline: true });
    pool.on('error', () => undefined);
    const broker = new TestBroker(`${name}-${randomUUID().slice(0, 8)}`, server, pool, new Database(pool));
    await pool.query('CREATE TABLE effect (message_id uuid PRIMARY KEY, note text NOT NULL)');
    return broker;
  }

  async replica(options: ReplicaOptions): Promise<TestReplica> {
    const logged: LogLine[] = [];
    const at = (level: LogLine['level']) => (context: object, message: string) =>
      void logged.push({ level, message, context });
    const engine = new MessagingEngine({
      broker: this.name,
      replica: options.replica ?? `replica-${randomUUID().slice(0, 8)}`,
      database: this.database,
      ...channelsOf(options.channels),
      queue: new PostgresTransmissionQueue(this.database),
      processed: new PostgresProcessedMessages(),
      endpoints: options.endpoints ?? new PostgresDialogEndpoints(),
      parked: new PostgresParkedMessages(this.database),
      dialogProtocol: options.dialogProtocol,
      retention: new PostgresRetentionStore(this.database),
      retentionPolicy: options.retention,
      quarantine: new PostgresQuarantineStore(this.database),
      routeTable: new PostgresRouteTable(this.database),
      initialRoutes: options.routes ?? [],
      clock: options.clock ?? SYSTEM_CLOCK,
      logger: { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') },
      faultPoints: options.faultPoints,
    });
    await engine.start(options.handlers ?? []);
    let closing: Promise<void> | undefined;
    const close = () => (closing ??= engine.stopReading().then(() => engine.close()));
    const replica = { engine, logged, close };
    this.replicas.push(replica);
    return replica;
  }

  /** Sends in a transaction of its own. */
  async send(replica: TestReplica, messages: readonly OutgoingMessage[]): Promise<void> {
    await this.database.transaction((tx) => replica.engine.send(tx, messages));
  }

  async rows<Row extends object>(text: string, values: unknown[] = []): Promise<Row[]> {
    return (await this.pool.query<Row>(text, values)).rows;
  }

  async count(table: string): Promise<number> {
    return Number((await this.rows<{ count: string }>(`SELECT count(*) FROM ${table}`))[0]?.count);
  }

  async close(): Promise<void> {
    await Promise.all(this.replicas.map((replica) => replica.close()));
    await this.pool.end();
    await this.server.drop();
  }
}

function channelsOf(given: ReplicaOptions['channels']) {
  if (typeof given !== 'string') return { channels: given };
  const { channels, policy } = parseChannels(given);
  return { channels: channels.map(openChannel), channelPolicy: policy };
}

export const ANY_BODY = { '~standard': { validate: (value: unknown) => ({ value }) } };

/** A handler that records each message as an effect, once more than once being an error of the database. */
export function recording(overrides: { onBatch?: (notes: readonly string[]) => void } = {}): Handler {
  return {
    kind: 'messages',
    service: 'target',
    type: 'note',
    version: 1,
    schema: ANY_BODY,
    async handle(messages, tx) {
      const notes = messages.map(({ body }) => (body as { note: string }).note);
      overrides.onBatch?.(notes);
      await record(
        tx,
        messages.map(({ messageId }) => messageId),
        notes,
      );
      return notes.map((note) => ({ took: note }));
    },
  };
}

async function record(tx: SqlTransaction, messageIds: readonly string[], notes: readonly string[]): Promise<void> {
  const text = 'INSERT INTO effect (message_id, note) SELECT * FROM unnest($1::uuid[], $2::text[])';
  await tx.query({ name: 'test-record', text }, [messageIds, notes]);
}

/** A message to the recording handler. */
export function note(toBroker: string, text: string, overrides: Partial<OutgoingMessage> = {}): OutgoingMessage {
  return {
    dialogId: randomUUID(),
    sequence: 1,
    fromService: 'source',
    toService: 'target',
    toBroker,
    type: 'note',
    version: 1,
    body: { note: text },
    ...overrides,
  };
}

/** Resolves when `holds` is true; rejects with what it last saw after `deadlineMs`. */
export async function eventually(holds: () => boolean | Promise<boolean>, deadlineMs = 10_000): Promise<void> {
  const deadline = Date.now() + deadlineMs;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`not within ${deadlineMs} ms: ${holds.toString()}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
