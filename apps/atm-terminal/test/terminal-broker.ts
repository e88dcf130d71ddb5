import { randomUUID } from 'node:crypto';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import pg from 'pg';
import { HEADER, type AdviceAnswer, type WithdrawalBody } from '#contracts';
import { Database } from '#database';
import { MESSAGING_MIGRATIONS, type ReceivedAnswer } from '#messaging';
import { ArmedFaultPoints, createApp, createLogger, createMetrics, openDataSource, requireClusterKey } from '#platform';
import { createTestDatabase, testRedisUrl, type TestDatabase } from '../../../test/servers/test-servers.js';
import { AtmTerminalModule } from '../src/atm-terminal.module.js';
import { readTerminalConfig } from '../src/config.js';
import { provideDemoData } from '../src/demo/demo-data.js';
import { TERMINAL_MIGRATIONS } from '../src/persistence/migrations.js';
import { AtmEndpoint } from '../src/settlement/atm.endpoint.js';
import { FakeAccountHost } from './fake-account-host.js';

const CLUSTER_KEY = 'demo-cluster-key';

export interface TestAnswer<Body = Record<string, unknown>> {
  readonly status: number;
  readonly body: Body;
  readonly replayed: boolean;
  readonly retryAfter: string | undefined;
}

export interface Call {
  readonly terminal?: string;
  readonly token?: string;
  /** The client's own idempotency key. */
  readonly key?: string;
  /** One that a gateway has assigned. */
  readonly assignedKey?: string;
  readonly body?: unknown;
}

export interface OpenedSession {
  readonly sessionId: string;
  readonly token: string;
}

/** One replica of atm-terminal, served in process. */
export class TestReplica {
  constructor(
    readonly app: NestFastifyApplication,
    readonly faults: ArmedFaultPoints,
  ) {}

  async call<Body = Record<string, unknown>>(
    method: 'GET' | 'POST' | 'PUT' | 'DELETE',
    url: string,
    { terminal, token, key, assignedKey, body }: Call = {},
  ): Promise<TestAnswer<Body>> {
    const headers = {
      [HEADER.clusterKey]: CLUSTER_KEY,
      ...(terminal === undefined ? {} : { [HEADER.terminalId]: terminal }),
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(key === undefined ? {} : { [HEADER.idempotencyKey]: key }),
      ...(assignedKey === undefined ? {} : { [HEADER.idempotencyKey]: assignedKey, [HEADER.keyAssigned]: '1' }),
    };
    const payload = body === undefined ? {} : { payload: body as object };
    const reply = await this.app.inject({ method, url, headers, ...payload });
    return {
      status: reply.statusCode,
      body: (reply.body === '' ? {} : reply.json()) as Body,
      replayed: reply.headers[HEADER.idempotencyReplayed] === 'true',
      retryAfter: reply.headers['retry-after'],
    };
  }

  async openSession(cardNumber: string, terminal = 'ATM-001'): Promise<OpenedSession> {
    const answer = await this.call<OpenedSession>('POST', '/v1/sessions', {
      terminal,
      body: { cardNumber, pin: '1234' },
    });
    if (answer.status !== 201) throw new Error(`no session: ${JSON.stringify(answer.body)}`);
    return answer.body;
  }

  withdraw(
    { sessionId, token }: OpenedSession,
    amount: number | undefined,
    options: Pick<Call, 'key' | 'assignedKey'> = {},
  ): Promise<TestAnswer<WithdrawalBody>> {
    const body = amount === undefined ? {} : { amount };
    return this.call<WithdrawalBody>('POST', `/v1/sessions/${sessionId}/withdrawals`, { token, body, ...options });
  }

  async read({ token }: OpenedSession, withdrawalId: string): Promise<WithdrawalBody> {
    return (await this.call<WithdrawalBody>('GET', `/v1/withdrawals/${withdrawalId}`, { token })).body;
  }
}

/** The broker instance `terminal`: a database and as many replicas as the test starts. Nobody reads what it sends: the test answers by itself. */
export class TerminalBroker {
  /** Unique, since all test files share one Redis. */
  readonly name = `terminal-${randomUUID().slice(0, 8)}`;
  readonly host = new FakeAccountHost(`account-${randomUUID().slice(0, 8)}`);
  readonly replicas: TestReplica[] = [];

  private constructor(
    private readonly server: TestDatabase,
    private readonly pool: pg.Pool,
  ) {}

  static async create(): Promise<TerminalBroker> {
    const server = await createTestDatabase();
    const pool = new pg.Pool({ connectionString: server.url, max: 4, pipeline: true });
    pool.on('error', () => undefined);
    return new TerminalBroker(server, pool);
  }

  async replica(environment: Record<string, string> = {}): Promise<TestReplica> {
    const config = readTerminalConfig({
      CASHPOINT_PROFILE: 'demo',
      REPLICA_NAME: `atm-terminal-${this.replicas.length + 1}`,
      DATABASE_URL: this.server.url,
      BROKER: this.name,
      CHANNELS: `active=${testRedisUrl() ?? this.server.url}`,
      ACCOUNT_ENDPOINTS: 'account-a=http://127.0.0.1:1',
      RECOVERY_AFTER_MS: '600000',
      ...environment,
    });
    const dataSource = await openDataSource({
      url: config.DATABASE_URL,
      applicationName: config.REPLICA_NAME,
      poolSize: config.DATABASE_POOL_SIZE,
      migrations: [...MESSAGING_MIGRATIONS, ...TERMINAL_MIGRATIONS],
    });
    await provideDemoData(this.database);
    const logger = createLogger({ replica: config.REPLICA_NAME, level: 'silent' });
    const faultPoints = new ArmedFaultPoints();
    const registry = createMetrics(config.REPLICA_NAME);
    const runtime = { config, dataSource, accountHost: this.host, logger, registry, faultPoints };
    const app = await createApp({ module: AtmTerminalModule.with(runtime), replica: config.REPLICA_NAME, logger });
    app.getHttpAdapter().getInstance().addHook('onRequest', requireClusterKey(CLUSTER_KEY));
    await app.init();
    const replica = new TestReplica(app, faultPoints);
    this.replicas.push(replica);
    return replica;
  }

  get database(): Database {
    return new Database(this.pool);
  }

  async rows<Row extends object>(text: string, values: unknown[] = []): Promise<Row[]> {
    return (await this.pool.query<Row>(text, values)).rows;
  }

  /** What waits in the transmission queue for the host. */
  advices(withdrawalId?: string): Promise<{ dialog_id: string; type: string; body: Record<string, string> }[]> {
    const where = withdrawalId === undefined ? '' : 'WHERE dialog_id = $1';
    const values = withdrawalId === undefined ? [] : [withdrawalId];
    return this.rows(`SELECT dialog_id, type, body FROM messaging.transmission_queue ${where}`, values);
  }

  /** Answers everything in the transmission queue, as messaging does: in the transaction that deletes it. */
  async answerAdvices(): Promise<void> {
    const endpoint = this.replicas[0]?.app.get(AtmEndpoint);
    if (endpoint === undefined) throw new Error('no replica');
    const text = 'DELETE FROM messaging.transmission_queue RETURNING message_id, dialog_id, type, body';
    await this.database.transaction(async (tx) => {
      for (const row of await tx.query<AdviceRow>({ name: 'test-take-advices', text })) {
        const balances = this.host.balancesOf(row.body['accountId'] ?? '');
        const answer: ReceivedAnswer<AdviceAnswer, never> = {
          inReplyTo: row.message_id,
          dialogId: row.dialog_id,
          request: row.body as never,
          body: { entryId: randomUUID(), balances },
        };
        if (row.type === 'deposit-advice') await endpoint.deposited([answer], tx);
        else await endpoint.completed([answer], tx);
      }
    });
  }

  async close(): Promise<void> {
    await Promise.all(this.replicas.map(({ app }) => app.close()));
    await this.pool.end();
    await this.server.drop();
  }
}

interface AdviceRow extends Record<string, unknown> {
  readonly message_id: string;
  readonly dialog_id: string;
  readonly type: string;
  readonly body: Record<string, string>;
}
