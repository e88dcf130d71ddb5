import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { Database, GroupCommit, type SqlTransaction } from '#database';
import {
  HandleAnswers,
  HandleMessages,
  type JsonValue,
  MessageService,
  Messaging,
  type OutgoingMessage,
  type ReceivedMessage,
} from '#messaging';
import { migrateMessaging, openBroker } from '../../messaging/open-broker.js';
import { columnsOf, CREDIT, INSERT_TRANSFERS, makeBooks } from '../books.js';
import { type Applied, type Contestant, GROUPS, POOL_SIZE, type Transfer } from '../contestant.js';

const ANYTHING = { '~standard': { validate: (value: unknown) => ({ value }) } };

type Body = Transfer & { [name: string]: JsonValue };

@MessageService('target')
class TargetService {
  applied: Applied = () => undefined;

  @HandleMessages<Body>({ type: 'transfer', version: 1, schema: ANYTHING })
  apply(messages: readonly ReceivedMessage<Body>[], tx: SqlTransaction): Promise<JsonValue[]> {
    const transfers = messages.map(({ body }) => body);
    const [, accounts, amounts] = columnsOf(transfers);
    tx.write(CREDIT, [accounts, amounts]);
    tx.afterCommit(() => this.applied(transfers));
    return Promise.resolve(messages.map(() => ({ applied: true })));
  }
}

@MessageService('source')
class SourceService {
  @HandleAnswers<JsonValue, JsonValue>({ type: 'transfer', version: 1, schema: ANYTHING })
  async answered(): Promise<void> {
    // The answer takes the message out of the transmission queue; nothing else depends on it here.
  }
}

/**
 * libs/messaging between two databases, as its README shows it for great numbers: transfers that arrive together are committed and sent together
 * (`GroupCommit`), and applied together (`HandleMessages`). Its inbox is what applies them once; its answers come back.
 */
export const cashpoint = (): Contestant => ({
  needsRedis: false,
  appliesTo: 'targetUrl',
  async prepare({ sourceUrl, targetUrl }) {
    await makeBooks(sourceUrl, targetUrl);
    for (const url of [sourceUrl, targetUrl]) await empty(url);
  },
  async openSource({ sourceUrl, redisUrl }) {
    const options = { broker: 'source', url: sourceUrl, channels: `only=${redisUrl}`, poolSize: POOL_SIZE };
    const { app, database } = await openBroker({ ...options, service: SourceService });
    const messaging = app.get(Messaging);
    const groups = new GroupCommit<Transfer, void>({
      ...GROUPS,
      run: async (transfers) => {
        await send(database, messaging, transfers);
        return transfers.map(() => undefined);
      },
    });
    return { commit: (transfer) => groups.submit(transfer), close: () => app.close() };
  },
  async openTarget({ targetUrl, redisUrl }, applied) {
    const options = { broker: 'target', url: targetUrl, channels: `only=${redisUrl}`, poolSize: POOL_SIZE };
    const { app } = await openBroker({ ...options, service: TargetService });
    app.get(TargetService).applied = applied;
    return { close: () => app.close() };
  },
});

const send = (database: Database, messaging: Messaging, transfers: readonly Transfer[]): Promise<void> =>
  database.transaction(async (tx) => {
    tx.write(INSERT_TRANSFERS, columnsOf(transfers));
    await messaging.send(tx, transfers.map(messageOf));
  });

const messageOf = (transfer: Transfer): OutgoingMessage => ({
  dialogId: randomUUID(),
  sequence: 1,
  fromService: 'source',
  toService: 'target',
  toBroker: 'target',
  type: 'transfer',
  version: 1,
  body: { ...transfer },
});

/** What an earlier measurement has left behind. */
async function empty(url: string): Promise<void> {
  await migrateMessaging(url);
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query('TRUNCATE messaging.transmission_queue, messaging.processed_message, messaging.parked_message');
  await client.end();
}
