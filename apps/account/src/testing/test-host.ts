import { randomUUID } from 'node:crypto';
import type { Authorisation, CompletionAdvice, DepositAdvice, ReversalAdvice, SuspenseAdvice } from '#contracts';
import type { Placement } from '#contracts';
import type { Database, SqlTransaction } from '#database';
import { Messaging, MESSAGING_MIGRATIONS, type OutgoingMessage } from '#messaging';
import { databaseOf, NO_FAULTS, openDataSource } from '#platform';
import { createTestDatabase } from '../../../../test/servers/test-servers.js';
import { PostAdvices, type Arrived } from '../advices/post-advices.js';
import { AuditLedger } from '../audit/audit-ledger.js';
import { AuthoriseWithdrawals } from '../authorise/authorise-withdrawals.js';
import { BalanceReader } from '../balance/balance-reader.js';
import { provideDemoData } from '../demo/demo-data.js';
import { LedgerStore } from '../persistence/ledger-store.js';
import { ACCOUNT_MIGRATIONS } from '../persistence/schema/create-account-schema.js';
import { CardKeys } from '../pin/card-keys.js';
import { PinAttempts } from '../pin/pin-attempts.js';
import { VerifyPin } from '../pin/verify-pin.js';
import { TransferCredits } from '../transfer/transfer-credits.js';
import { TransferMoney } from '../transfer/transfer-money.js';

export const TERMINAL = 'ATM-001';
const KEYS = new CardKeys('card key of the tests', 'pin key of the tests');

/** What one replica is made of; several of them on one database stand for several replicas. */
export interface TestReplica {
  readonly authorisations: AuthoriseWithdrawals;
  readonly transfers: TransferMoney;
  readonly credits: TransferCredits;
  readonly advices: PostAdvices;
  readonly balances: BalanceReader;
  readonly pins: VerifyPin;
  readonly attempts: PinAttempts;
}

export interface TestHost {
  readonly database: Database;
  readonly audit: AuditLedger;
  /** Messages that were committed, in their order. */
  readonly sent: readonly OutgoingMessage[];
  readonly replica: () => TestReplica;
  /** So many replicas, by a function that takes turns among them. */
  readonly replicas: (count: number) => (turn: number) => TestReplica;
  /** Runs a statement as somebody who is not the application would. */
  readonly sql: <Row extends object = Record<string, unknown>>(text: string, values?: unknown[]) => Promise<Row[]>;
  readonly close: () => Promise<void>;
}

export interface TestHostOptions {
  readonly broker?: string;
  readonly placement?: Placement;
}

/** The account service's use cases with the demo's customers, on a database of the test's own. */
export async function openTestHost({ broker = 'account-a', placement }: TestHostOptions = {}): Promise<TestHost> {
  const testDatabase = await createTestDatabase();
  const dataSource = await openDataSource({
    url: testDatabase.url,
    applicationName: 'account-test',
    poolSize: 12,
    migrations: [...MESSAGING_MIGRATIONS, ...ACCOUNT_MIGRATIONS],
  });
  const database = databaseOf(dataSource);
  const sent: OutgoingMessage[] = [];
  const replica = () => replicaOn(database, broker, sent);
  await provideDemoData(database, { keys: KEYS, broker, placement });
  return {
    database,
    audit: new AuditLedger(database),
    sent,
    replica: () => replica(),
    replicas: (count) => {
      const all = Array.from({ length: count }, replica);
      return (turn) => all[turn % count] ?? replica();
    },
    sql: <Row extends object>(text: string, values: unknown[] = []) => dataSource.query<Row[]>(text, values),
    close: async () => {
      await dataSource.destroy();
      await testDatabase.drop();
    },
  };
}

/** Takes messages as the transmission queue does: with the transaction. */
class RecordingMessaging extends Messaging {
  constructor(private readonly sent: OutgoingMessage[]) {
    super();
  }

  override async send(tx: SqlTransaction, messages: readonly OutgoingMessage[]): Promise<void> {
    tx.afterCommit(() => void this.sent.push(...messages));
  }

  override prepare(): never {
    throw new Error('not in these tests');
  }

  override request(): Promise<never> {
    throw new Error('not in these tests');
  }

  override status(): never {
    throw new Error('not in these tests');
  }

  override stored(): never {
    throw new Error('not in these tests');
  }
}

function replicaOn(database: Database, broker: string, sent: OutgoingMessage[]): TestReplica {
  const store = new LedgerStore();
  const balances = new BalanceReader(database);
  const attempts = new PinAttempts(database);
  return {
    authorisations: new AuthoriseWithdrawals(database, store, NO_FAULTS),
    transfers: new TransferMoney(database, store, new RecordingMessaging(sent), { BROKER: broker }),
    credits: new TransferCredits(store),
    advices: new PostAdvices(store, NO_FAULTS),
    balances,
    pins: new VerifyPin(attempts, KEYS, balances),
    attempts,
  };
}

export const cardNumberOf = (customer: number): string => `400000100000${String(customer).padStart(4, '0')}`;

/** What all calls and advices about one withdrawal share. */
export function aWithdrawal(customer: number) {
  return {
    withdrawalId: randomUUID(),
    accountId: `ACC-${String(customer).padStart(4, '0')}`,
    cardToken: KEYS.tokenOf(cardNumberOf(customer)),
    terminalId: TERMINAL,
    stan: '000001',
    rrn: '600100000001',
    requestedAt: '2026-03-01T10:00:00.000Z',
  };
}

export type Withdrawal = ReturnType<typeof aWithdrawal>;

export const authorisationOf = (withdrawal: Withdrawal, amount: number): Authorisation => ({
  ...withdrawal,
  amount: String(amount),
});

const at = '2026-03-01T10:00:05.000Z';

export function completionOf(withdrawal: Withdrawal, taken: number, retracted = 0): Arrived<CompletionAdvice> {
  const cash = { taken: String(taken), rejected: '0', retracted: String(retracted) };
  return { messageId: randomUUID(), body: { ...withdrawal, ...cash, at, authorisation: 'host' } };
}

export function reversalOf(withdrawal: Withdrawal, retracted = 0): Arrived<ReversalAdvice> {
  const cash = { rejected: '0', retracted: String(retracted) };
  return { messageId: randomUUID(), body: { ...withdrawal, ...cash, at, reason: 'test' } };
}

export function suspenseOf(withdrawal: Withdrawal, amount: number): Arrived<SuspenseAdvice> {
  return { messageId: randomUUID(), body: { ...withdrawal, amount: String(amount), at, authorisation: 'host' } };
}

export function depositOf(customer: number, amount: number): Arrived<DepositAdvice> {
  const { accountId, terminalId, stan, rrn, requestedAt } = aWithdrawal(customer);
  const head = { depositId: randomUUID(), accountId, terminalId, stan, rrn, requestedAt };
  return { messageId: randomUUID(), body: { ...head, amount: String(amount), at } };
}

type Post<Message, Answer> = (advices: readonly Message[], tx: SqlTransaction) => Promise<Answer[]>;

/** Delivers advices as the inbox does: processed rows, effects and answers in one transaction. */
export function deliver<Message extends { readonly messageId: string }, Answer>(
  { database }: TestHost,
  type: string,
  post: Post<Message, Answer>,
  advices: readonly Message[],
): Promise<Answer[]> {
  return database.transaction(async (tx) => {
    const answers = await post(advices, tx);
    for (const [index, { messageId }] of advices.entries()) {
      await tx.query(
        {
          name: 'test-processed',
          text: `INSERT INTO messaging.processed_message (message_id, dialog_id, type, fingerprint, answer, from_broker)
                 VALUES ($1, $1, $2, sha256('test'), $3, 'terminal')`,
        },
        [messageId, type, JSON.stringify(answers[index])],
      );
    }
    return answers;
  });
}
