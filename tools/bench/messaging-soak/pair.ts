import { randomUUID } from 'node:crypto';
import pg from 'pg';
import type { Database, SqlTransaction, Statement } from '#database';
import {
  HandleAnswers,
  HandleMessages,
  type JsonValue,
  MessageService,
  Messaging,
  type OutgoingMessage,
  type ReceivedAnswer,
  type ReceivedMessage,
  type RetentionPolicy,
} from '#messaging';
import { type OpenBroker, openBroker } from '../messaging/open-broker.js';

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
    private readonly sender: OpenBroker,
    private readonly receiver: OpenBroker,
    private readonly source: Source,
  ) {}

  static async open({ name, sourceUrl, targetUrl, channels, retention }: PairOptions): Promise<Pair> {
    const target = `${name}-target`;
    const common = { channels, retention, poolSize: 8 };
    await makeEffectTable(targetUrl);
    const receiver = await openBroker({ ...common, broker: target, url: targetUrl, service: Target });
    const sender = await openBroker({ ...common, broker: `${name}-source`, url: sourceUrl, service: Source });
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

async function makeEffectTable(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(EFFECT_TABLE);
  await client.end();
}

async function keptIn(database: Database, table: string): Promise<Kept> {
  const text = `SELECT count(*)::integer AS rows, pg_total_relation_size('${table}') / 1e6 AS megabytes FROM ${table}`;
  const [kept] = await database.query<{ rows: number; megabytes: string }>({ name: `soak-kept-${table}`, text });
  return { rows: kept?.rows ?? 0, megabytes: Math.round(Number(kept?.megabytes) * 10) / 10 };
}
