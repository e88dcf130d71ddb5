import { randomUUID } from 'node:crypto';
import { Module } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { MESSAGE, SERVICE } from '#contracts';
import { Messaging, MESSAGING_MIGRATIONS, MessagingModule, parseChannels } from '#messaging';
import {
  ArmedFaultPoints,
  createApp,
  createLogger,
  createMetrics,
  databaseOf,
  NO_FAULTS,
  openDataSource,
  requireClusterKey,
  type FaultPoints,
} from '#platform';
import { createTestDatabase, testRedisUrl, type TestDatabase } from '../../../test/servers/test-servers.js';
import { AccountModule } from './account.module.js';
import { readAccountConfig } from './config.js';
import { provideDemoData } from './demo/demo-data.js';
import { ACCOUNT_MIGRATIONS } from './persistence/schema/create-account-schema.js';
import { CardKeys } from './pin/card-keys.js';
import { aWithdrawal, completionOf } from './testing/test-host.js';

/** The whole service behind its HTTP face and its queues, with a terminal beside it that only sends messages. */
const BROKER = `account-${randomUUID().slice(0, 8)}`;
const CLUSTER_KEY = 'demo-cluster-key';
const logger = createLogger({ replica: 'test', level: 'silent' });

describe('the account service', () => {
  let accounts: TestDatabase;
  let terminals: TestDatabase;
  let channels: string;
  let app: NestFastifyApplication;

  beforeAll(async () => {
    accounts = await createTestDatabase();
    terminals = await createTestDatabase();
    channels = `active=${testRedisUrl() ?? terminals.url}`;
    app = await startAccount(new ArmedFaultPoints());
  });
  afterAll(async () => {
    await app.close();
    await accounts.drop();
    await terminals.drop();
  });

  async function startAccount(faultPoints: FaultPoints): Promise<NestFastifyApplication> {
    const config = readAccountConfig({
      CASHPOINT_PROFILE: 'demo',
      REPLICA_NAME: 'account-a-1',
      DATABASE_URL: accounts.url,
      DATABASE_POOL_SIZE: '6',
      BROKER,
      CHANNELS: channels,
    });
    const dataSource = await openDataSource({
      url: accounts.url,
      applicationName: 'account-test',
      poolSize: 6,
      migrations: [...MESSAGING_MIGRATIONS, ...ACCOUNT_MIGRATIONS],
    });
    const keys = new CardKeys(config.CARD_KEY, config.PIN_KEY);
    await provideDemoData(databaseOf(dataSource), { keys, broker: BROKER });
    const registry = createMetrics('test');
    const started = await createApp({
      module: AccountModule.with({ config, dataSource, logger, registry, faultPoints }),
      replica: 'account-a-1',
      logger,
    });
    started.getHttpAdapter().getInstance().addHook('onRequest', requireClusterKey(CLUSTER_KEY));
    await started.init();
    await started.getHttpAdapter().getInstance().ready();
    return started;
  }

  const call = async (method: 'GET' | 'POST', url: string, payload?: object, key = CLUSTER_KEY) => {
    const response = await app.inject({
      method,
      url,
      headers: { 'x-cluster-key': key },
      ...(payload === undefined ? {} : { payload }),
    });
    return {
      status: response.statusCode,
      body: response.body === '' ? null : response.json<Record<string, unknown>>(),
    };
  };

  it('is for parts of the cluster only', async () => {
    expect(await call('GET', '/internal/accounts/ACC-0001/balances', undefined, 'guess')).toMatchObject({
      status: 401,
    });
    expect(await call('GET', '/v1/operator/accounts/ACC-0001', undefined, 'guess')).toMatchObject({ status: 401 });
  });

  it('shows accounts to operators in integers', async () => {
    expect(await call('GET', '/v1/operator/accounts/ACC-0099')).toMatchObject({
      status: 200,
      body: {
        broker: BROKER,
        status: 'open',
        ledger: 5_000,
        available: 5_000,
        entries: [{ kind: 'opening', balance: 5_000 }],
      },
    });
    expect(await call('GET', '/v1/operator/accounts/ACC-9999')).toMatchObject({ status: 404 });
  });

  it('refuses what is malformed, and statements of nobody', async () => {
    expect(await call('POST', '/internal/authorisations', { amount: '1' })).toMatchObject({ status: 400 });
    const [negative, good] = [-100, 100].map((amount) => ({ ...aWithdrawal(1), amount: String(amount) }));
    const authorisations = { authorisations: [{ authorisation: negative }, { authorisation: good }] };
    expect(await call('POST', '/internal/authorisations', authorisations)).toMatchObject({
      status: 200,
      body: { results: [null, { responseCode: '62' }] },
    });
    expect(await call('GET', '/internal/accounts/ACC-0001/statement?limit=0')).toMatchObject({ status: 400 });
    expect(await call('GET', '/internal/accounts/ACC-9999/statement')).toMatchObject({ status: 404 });
  });

  it('tells how it is', async () => {
    expect(await call('GET', '/internal/status')).toMatchObject({
      status: 200,
      body: {
        name: 'account-a-1',
        kind: 'replica',
        role: 'account',
        broker: BROKER,
        database: { role: 'primary', state: 'up' },
      },
    });
  });

  it('posts a completion advice that a terminal sends, and shows it on the statement', async () => {
    const withdrawal = aWithdrawal(1);
    const { messageId, body } = completionOf(withdrawal, 20_000);
    await sendFromTerminal(messageId, body);
    const statement = await eventually(
      () => call('GET', '/internal/accounts/ACC-0001/statement?limit=1'),
      ({ body: found }) => JSON.stringify(found).includes('"withdrawal"'),
    );
    expect(statement.body).toMatchObject({ entries: [{ kind: 'withdrawal', amount: '-20000', balance: '99980000' }] });
    const audit = await call('POST', '/internal/audit', { asOf: withdrawal.requestedAt, inFlight: [] });
    expect(audit.body).toMatchObject({ withdrawals: { count: 1, amount: '20000' }, strayHolds: 0 });
    expect((audit.body?.['checks'] as { ok: boolean }[]).every(({ ok }) => ok)).toBe(true);
  });

  it('answers the balance request of a terminal', async () => {
    await withTerminal(async (messaging) => {
      const outcome = await messaging.request({
        fromService: SERVICE.atm,
        toService: SERVICE.account,
        toBroker: BROKER,
        type: MESSAGE.balanceRequest,
        version: 1,
        body: { accountId: 'ACC-0002' },
        attemptTimeoutMs: 2_000,
        attemptsMax: 3,
      });
      expect(outcome).toMatchObject({ outcome: 'answered', body: { accountId: 'ACC-0002', available: '100000000' } });
    });
  });

  it('arms fault points in the demo profile only', async () => {
    const fault = { point: 'account.before-hold', action: 'error', times: 1 };
    expect(await call('POST', '/internal/faults', fault)).toMatchObject({ status: 204 });
    const request = { authorisations: [{ authorisation: { ...aWithdrawal(3), amount: '100' } }] };
    const authorise = async () => (await call('POST', '/internal/authorisations', request)).body?.['results'];
    expect(await authorise()).toEqual([null]);
    expect(await authorise()).toMatchObject([{ responseCode: '62' }]);
    await app.close();
    app = await startAccount(NO_FAULTS);
    expect(await call('POST', '/internal/faults', fault)).toMatchObject({ status: 404 });
  });

  const sendFromTerminal = (messageId: string, body: object) =>
    withTerminal(async (messaging, database) => {
      await database.transaction((tx) =>
        messaging.send(tx, [
          {
            messageId,
            dialogId: messageId,
            sequence: 1,
            fromService: SERVICE.atm,
            toService: SERVICE.account,
            toBroker: BROKER,
            type: MESSAGE.completionAdvice,
            version: 1,
            body: JSON.parse(JSON.stringify(body)) as Record<string, string>,
          },
        ]),
      );
    });

  /** A terminal that can send; what it sent is on its channel when it is closed. */
  async function withTerminal(
    work: (messaging: Messaging, database: ReturnType<typeof databaseOf>) => Promise<void>,
  ): Promise<void> {
    const dataSource = await openDataSource({
      url: terminals.url,
      applicationName: 'terminal-test',
      poolSize: 4,
      migrations: MESSAGING_MIGRATIONS,
    });
    const database = databaseOf(dataSource);

    @Module({
      imports: [
        MessagingModule.forRootAsync({
          useFactory: () => ({
            broker: 'terminal',
            replica: BROKER,
            database,
            channels: parseChannels(channels),
            logger,
          }),
        }),
      ],
    })
    class TerminalModule {}

    const terminal = await createApp({ module: TerminalModule, replica: 'terminal', logger });
    await terminal.init();
    try {
      await work(terminal.get(Messaging), database);
    } finally {
      await terminal.close();
      await dataSource.destroy();
    }
  }
});

/** Asks until the answer is as expected; after ten seconds answers what there is. */
async function eventually<T>(ask: () => Promise<T>, isSo: (answer: T) => boolean): Promise<T> {
  const deadline = Date.now() + 10_000;
  for (;;) {
    const answer = await ask();
    if (isSo(answer) || Date.now() > deadline) return answer;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
