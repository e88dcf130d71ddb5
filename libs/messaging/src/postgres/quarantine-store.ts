import type { Database } from '#database';
import type {
  Beginning,
  DueRetry,
  FailedAttempt,
  FailureRecord,
  GiveUp,
  MessageState,
  MessageView,
  QuarantineStore,
  Standing,
  Unapplied,
} from '../ports/quarantine-store.js';
import type { Envelope, JsonValue } from '../protocol/envelope.js';
import * as failed from './failed-messages.js';
import * as started from './started-messages.js';

/** Quarantine as rows of `parked_message` and `started_message`. */
export class PostgresQuarantineStore implements QuarantineStore {
  constructor(private readonly database: Database) {}

  async begin(messages: readonly Beginning[], leaseMs: number): Promise<ReadonlyMap<string, Standing>> {
    const values = [messages.map(({ messageId }) => messageId), messages.map(({ isRetry }) => isRetry), leaseMs];
    const rows = await this.database.query<{ message_id: string; standing: Standing }>(started.BEGIN, values);
    return new Map(rows.map((row) => [row.message_id, row.standing]));
  }

  async beginAgain(messageId: string, leaseMs: number): Promise<number | null> {
    const [row] = await this.database.query<{ starts: number }>(started.BEGIN_AGAIN, [messageId, leaseMs]);
    return row?.starts ?? null;
  }

  async renew(messageIds: readonly string[], leaseMs: number): Promise<void> {
    await this.database.query(started.RENEW, [messageIds, leaseMs]);
  }

  async finish(messageIds: readonly string[]): Promise<void> {
    await this.database.query(started.FINISH, [messageIds]);
  }

  fail(failure: FailedAttempt, giveUp: GiveUp): Promise<FailureRecord | null> {
    return this.database.transaction(async (tx) => {
      const [row] = await tx.query<{ attempts: number }>(failed.FAIL, valuesOf(failure));
      if (row === undefined) return null;
      const delayMs = failure.delayMs(row.attempts);
      await tx.query(failed.NEXT_ATTEMPT, [failure.envelope.messageId, delayMs]);
      await tx.query(started.FINISH, [[failure.envelope.messageId]]);
      if (delayMs === null) await giveUp(tx);
      return { attempts: row.attempts, delayMs };
    });
  }

  crash(crashed: Unapplied & { readonly crashes: number }, giveUp: GiveUp): Promise<void> {
    return this.database.transaction(async (tx) => {
      await tx.query(failed.CRASH, [...valuesOf(crashed), crashed.crashes]);
      await tx.query(started.FINISH, [[crashed.envelope.messageId]]);
      await giveUp(tx);
    });
  }

  async claimDue(messagesMax: number, leaseMs: number): Promise<DueRetry[]> {
    return this.database.query<{ envelope: Envelope; attempts: number }>(failed.CLAIM_DUE, [messagesMax, leaseMs]);
  }

  async release(messageIds: readonly string[]): Promise<void> {
    await this.database.query(failed.RELEASE, [messageIds]);
  }

  async list(broker: string, state: MessageState, messagesMax: number): Promise<MessageView[]> {
    const rows =
      state === 'queued'
        ? await this.database.query<ViewRow>(failed.LIST.queued, [messagesMax])
        : await this.database.query<ViewRow>(failed.LIST.waiting, [messagesMax, state]);
    return rows.map((row) => viewOf(broker, row));
  }

  async find(broker: string, messageId: string): Promise<MessageView | null> {
    const [row] = await this.database.query<ViewRow>(failed.FIND, [messageId]);
    return row === undefined ? null : viewOf(broker, row);
  }

  async revive(messageId: string): Promise<boolean> {
    return (await this.database.query(failed.REVIVE, [messageId])).length > 0;
  }

  async count(): Promise<{ gap: number; unconfirmed: number; failed: number; crashed: number }> {
    const [row] = await this.database.query<{ gap: number; unconfirmed: number; failed: number; crashed: number }>(
      failed.COUNT,
    );
    return row ?? { gap: 0, unconfirmed: 0, failed: 0, crashed: 0 };
  }
}

const valuesOf = ({ envelope, side, error, channelLifetimeMs }: Unapplied) => [
  envelope.messageId,
  envelope.dialogId,
  side,
  envelope.sequence,
  JSON.stringify(envelope),
  error,
  envelope.again?.at ?? envelope.sentAt,
  channelLifetimeMs,
];

interface ViewRow {
  readonly message_id: string;
  readonly state: MessageState;
  readonly dialog_id: string;
  readonly sequence: number;
  readonly type: string;
  readonly version: number;
  readonly from_service: string;
  readonly from_broker: string | null;
  readonly to_service: string;
  readonly to_broker: string | null;
  readonly attempts: number;
  readonly crashes: number;
  readonly reason: string | null;
  readonly last_error: string | null;
  readonly since: Date;
  readonly next_attempt_at: Date | null;
  readonly body: JsonValue;
}

/** A queued message comes from this broker; a parked one has come to it. */
function viewOf(broker: string, row: ViewRow): MessageView {
  return {
    messageId: row.message_id,
    state: row.state,
    dialogId: row.dialog_id,
    sequence: row.sequence,
    type: row.type,
    version: row.version,
    fromService: row.from_service,
    fromBroker: row.from_broker ?? broker,
    toService: row.to_service,
    toBroker: row.state === 'queued' ? row.to_broker : broker,
    attempts: row.attempts,
    crashes: row.crashes,
    reason: row.reason,
    lastError: row.last_error,
    since: row.since,
    nextAttemptAt: row.next_attempt_at,
    body: row.body,
  };
}
