import 'reflect-metadata';
import { randomUUID } from 'node:crypto';
import { type INestApplicationContext, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import pg from 'pg';
import { Registry } from 'prom-client';
import { DataSource } from 'typeorm';
import { Database, type SqlTransaction, type Statement } from '#database';
import {
  HandleAnswers,
  HandleMessages,
  type JsonValue,
  MESSAGING_MIGRATIONS,
  MessageService,
  Messaging,
  MessagingModule,
  type OutgoingMessage,
  parseChannels,
  type ReceivedAnswer,
  type ReceivedMessage,
  type RetentionPolicy,
} from '#messaging';

const ANYTHING = { '~standard': { validate: (value: unknown) => ({ value }) } };

const EFFECT: Statement = {
  name: 'soak-effect',
  text: 'INSERT INTO effect SELECT * FROM unnest($1::uuid[])',
};

/** A second effect of a message would break the primary key. */
const EFFECT_TABLE = 'CREATE TABLE effect (message_id uuid PRIMARY KEY)';

@MessageService('target')
class Target {
  @HandleMessages<JsonValue>({ type: 'note', version: 1, schema: ANYTHING })
  async take(messages: readonly ReceivedMessage<JsonValue>[], tx: SqlTransaction): Promise<JsonValue[]> {
    await tx.query(EFFECT, [messages.map(({ messageId }) => messageId)]);
    return messages.map(() => ({ taken: true }));
  }
}

@MessageService('source')
class Source {
  answered = 0;

  @HandleAnswers<JsonValue, JsonValue>({ type: 'note', version: 1, schema: ANYTHING })
  async count(answers: readonly ReceivedAnswer<JsonValue, JsonValue>[], tx: SqlTransaction): Promise<void> {
    tx.afterCommit(() => void (this.answered += answers.length));
  }
}

export interface PairOptions {
  /** Distinguishes the brokers of one run. */
  readonly name: string;
  readonly sourceUrl: string;
  readonly targetUrl: string;
  readonly channels: string;
  readonly retention: RetentionPolicy;
}

/** Rows and size of what a broker keeps. */
export interface Kept {
  readonly rows: number;
  readonly megabytes: number;
}

/** A broker that sends and one that receives, one replica each, with databases of their own. */
export class Pair {
  private constructor(
    private readonly target: string,
    private readonly sender: Opened,
    private readonly receiver: Opened,
    private readonly source: Source,
  ) {}

  static async open({ name, sourceUrl, targetUrl, channels, retention }: PairOptions): Promise<Pair> {
    const target = `${name}-target`;
    const common = { channels, retention };
    const receiver = await open({ ...common, broker: target, url: targetUrl, service: Target, tables: EFFECT_TABLE });
    const sender = await open({ ...common, broker: `${name}-source`, url: sourceUrl, service: Source, tables: '' });
    return new Pair(target, sender, receiver, sender.app.get(Source));
  }

  get answered(): number {
    return this.source.answered;
  }

  /** Sends so many in one transaction. */
  async send(count: number): Promise<void> {
    const message = (): OutgoingMessage => ({
      dialogId: randomUUID(),
      sequence: 1,
      fromService: 'source',
      toService: 'target',
      toBroker: this.target,
      type: 'note',
      version: 1,
      body: { amount: '20000', note: 'as long as an advice is, more or less, with a few words in it' },
    });
    const messages = Array.from({ length: count }, message);
    await this.sender.database.transaction((tx) => this.sender.app.get(Messaging).send(tx, messages));
  }

  unanswered(): Promise<Kept> {
    return keptIn(this.sender.database, 'messaging.transmission_queue');
  }

  remembered(): Promise<Kept> {
    return keptIn(this.receiver.database, 'messaging.processed_message');
  }

  async applied(): Promise<number> {
    return (await keptIn(this.receiver.database, 'effect')).rows;
  }

  /** Messages that the inbox has forgotten so far. */
  async forgotten(): Promise<number> {
    const metric = await this.receiver.registry.getSingleMetric('inbox_forgotten_total')?.get();
    return metric?.values[0]?.value ?? 0;
  }

  async close(): Promise<void> {
    await Promise.all([this.sender.app.close(), this.receiver.app.close()]);
  }
}

interface Opened {
  readonly app: INestApplicationContext;
  readonly database: Database;
  readonly registry: Registry;
}

interface Opening extends Pick<PairOptions, 'channels' | 'retention'> {
  readonly broker: string;
  readonly url: string;
  readonly service: Type;
  readonly tables: string;
}

async function open({ broker, url, service, tables, channels, retention }: Opening): Promise<Opened> {
  const migrations = new DataSource({ type: 'postgres', url, migrations: [...MESSAGING_MIGRATIONS] });
  await migrations.initialize();
  await migrations.runMigrations();
  await migrations.query(tables);
  await migrations.destroy();
  const pool = new pg.Pool({ connectionString: url, max: 8 });
  const database = new Database(pool);
  const registry = new Registry();
  const silent = () => undefined;
  const warn = (context: object, text: string) => process.stderr.write(`${text} ${JSON.stringify(context)}\n`);
  const messaging = MessagingModule.forRootAsync({
    useFactory: () => ({
      broker,
      replica: `${broker}-1`,
      database,
      channels: parseChannels(channels),
      retention,
      registry,
      logger: { debug: silent, info: silent, warn, error: warn },
    }),
  });
  const closePool = { provide: 'pool', useValue: { onApplicationShutdown: () => pool.end() } };
  const module = { module: class SoakModule {}, imports: [messaging], providers: [service, closePool] };
  return { app: await NestFactory.createApplicationContext(module, { logger: ['error'] }), database, registry };
}

async function keptIn(database: Database, table: string): Promise<Kept> {
  const text = `SELECT count(*)::integer AS rows, pg_total_relation_size('${table}') / 1e6 AS megabytes FROM ${table}`;
  const [kept] = await database.query<{ rows: number; megabytes: string }>({ name: `soak-kept-${table}`, text });
  return { rows: kept?.rows ?? 0, megabytes: Math.round(Number(kept?.megabytes) * 10) / 10 };
}
