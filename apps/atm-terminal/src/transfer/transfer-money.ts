import { Injectable } from '@nestjs/common';
import { randomUUIDv7 } from 'node:crypto';
import type { HostTransferResult, Transfer as TransferBody, TransferReceipt } from '#contracts';
import { Database, type Statement } from '#database';
import { Problem } from '#platform';
import { CachedBalances } from '../balance/cached-balances.js';
import type { Answer } from '../idempotency/answer.js';
import { Idempotency } from '../idempotency/idempotency.js';
import { AccountHost } from '../host/account-host.js';
import { hostUnavailable } from '../host/host-unavailable.js';
import type { RequestKey } from '../http/caller.js';
import { KeyedHash } from '../identity/keyed-hash.js';
import type { Session } from '../session/session.js';

interface Row extends Record<string, unknown> {
  readonly transfer_id: string;
  readonly from_account_id: string;
  readonly to_account_id: string;
  readonly amount: string;
  readonly currency: string;
  readonly state: 'requested' | 'posted' | 'declined';
  readonly response_code: string | null;
  readonly rrn: string;
  readonly created_at: Date;
}

/** Answers what it created only. */
const CREATE: Statement = {
  name: 'transfer-create',
  text: `INSERT INTO transfer (transfer_id, session_id, from_account_id, to_account_id, amount, currency)
         VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING RETURNING *`,
};

const READ: Statement = { name: 'transfer-read', text: `SELECT * FROM transfer WHERE transfer_id = $1` };

const CONCLUDE: Statement = {
  name: 'transfer-conclude',
  text: `UPDATE transfer SET state = $2, response_code = $3 WHERE transfer_id = $1 AND state = 'requested'`,
};

/**
 * Money to another account. The host posts it, once per transfer id; the row here gives every repeat the same reference and the
 * same time of request, so that the host recognises it.
 */
@Injectable()
export class TransferMoney {
  constructor(
    private readonly database: Database,
    private readonly host: AccountHost,
    private readonly balances: CachedBalances,
    private readonly idempotency: Idempotency,
    private readonly hash: KeyedHash,
  ) {}

  /** 201 posted, 200 declined. Throws 400 for a transfer to the same account, 404 for an unknown target, 422 `key-reused`, 503. */
  async transfer(
    session: Session,
    key: RequestKey | null,
    { toAccountId, amount }: TransferBody,
  ): Promise<{ answer: Answer; replayed: boolean }> {
    if (toAccountId === session.accountId) {
      throw new Problem('malformed', 'toAccountId: must be another account than your own.');
    }
    const scope = `transfer ${session.sessionId}`;
    const transferId = key === null ? randomUUIDv7() : this.hash.idSince(session.createdAt, scope, key.value);
    const fingerprint = this.hash.digest('fingerprint', `${toAccountId} ${amount}`).toString('base64url');
    return this.idempotency.once({ scope, key, fingerprint }, async () => {
      const toBroker = this.host.brokerOf(toAccountId);
      if (toBroker === null) throw unknownTarget();
      if (toBroker !== session.broker) await this.refuseUnknownTarget(transferId, toBroker, toAccountId);
      const row = await this.create(session, transferId, toAccountId, amount);
      return answerOf(row.state === 'requested' ? await this.post(session, row, toBroker) : row);
    });
  }

  /**
   * Another broker than the session's is asked whether it has the account, before anything moves: the paying account's broker cannot
   * know. Should the account be gone when the money arrives, that broker sends it back. A transfer that is under way is past this.
   */
  private async refuseUnknownTarget(transferId: string, broker: string, accountId: string): Promise<void> {
    if ((await this.database.query(READ, [transferId])).length > 0) return;
    const answer = await this.host.exists(broker, accountId);
    if (!answer.reached) throw hostUnavailable('The account to transfer to cannot be reached; no money was moved.');
    if (!answer.value) throw unknownTarget();
  }

  private async create(session: Session, transferId: string, toAccountId: string, amount: number): Promise<Row> {
    const { sessionId, accountId, currency } = session;
    const values = [transferId, sessionId, accountId, toAccountId, amount, currency];
    const [created] = await this.database.query<Row>(CREATE, values);
    const [row] = created === undefined ? await this.database.query<Row>(READ, [transferId]) : [created];
    if (row === undefined) throw new Error('a transfer is gone that must be there');
    return row;
  }

  private async post(session: Session, row: Row, toBroker: string): Promise<Row> {
    const answer = await this.host.transfer(session.broker, {
      transferId: row.transfer_id,
      fromAccountId: row.from_account_id,
      toAccountId: row.to_account_id,
      toBroker,
      amount: row.amount,
      rrn: row.rrn,
      requestedAt: row.created_at.toISOString(),
    });
    if (!answer.reached) {
      throw hostUnavailable('It is not known yet whether the transfer was made; the same idempotency key tells.');
    }
    if (answer.value === 'unknown-target') throw unknownTarget();
    return this.conclude(row, answer.value);
  }

  private async conclude(row: Row, { posted, responseCode, balances }: HostTransferResult): Promise<Row> {
    const state = posted ? 'posted' : 'declined';
    await this.database.query(CONCLUDE, [row.transfer_id, state, responseCode]);
    await this.balances.put([balances]);
    return { ...row, state, response_code: responseCode };
  }
}

const unknownTarget = () => new Problem('not-found', 'There is no such account to transfer to.');

function answerOf(row: Row): Answer {
  const state = row.state === 'posted' ? 'posted' : 'declined';
  const body: TransferReceipt = {
    transferId: row.transfer_id,
    fromAccountId: row.from_account_id,
    toAccountId: row.to_account_id,
    amount: Number(row.amount),
    currency: row.currency,
    state,
    responseCode: row.response_code ?? '',
    rrn: row.rrn,
    createdAt: row.created_at.toISOString(),
  };
  return { status: state === 'posted' ? 201 : 200, body };
}
