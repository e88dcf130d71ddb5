import { Injectable } from '@nestjs/common';
import { randomUUIDv7 } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { v5 as derivedUuid } from 'uuid';
import { MESSAGE, SERVICE, type DepositAdvice } from '#contracts';
import { Database } from '#database';
import { Messaging, type OutgoingMessage } from '#messaging';
import { formatMinorUnits, totalOf, type Notes } from '#money';
import { Problem } from '#platform';
import { merged } from '../cassette/notes.js';
import type { Answer } from '../idempotency/answer.js';
import { Idempotency } from '../idempotency/idempotency.js';
import type { RequestKey } from '../http/caller.js';
import { KeyedHash } from '../identity/keyed-hash.js';
import { Journal } from '../journal/journal.js';
import type { Session } from '../session/session.js';
import { CREATE, fromRow, READ, receiptOf, type Deposit, type DepositRow } from './deposit-rows.js';

/** Notes that the deposit module recognises, minor units. */
const ACCEPTED_DENOMINATIONS: readonly number[] = [1_000, 2_000, 5_000, 10_000];

/** How long the receipt waits for the host's answer, and how often it looks, milliseconds. */
const WAIT_MS = 2_000;
const LOOK_MS_FIRST = 10;
const LOOK_MS_MAX = 160;

/**
 * Notes are put in: a fact from the moment it is committed, together with the advice that tells the host. The receipt says `settled`
 * where the host answers while the customer still waits.
 */
@Injectable()
export class TakeDeposit {
  constructor(
    private readonly database: Database,
    private readonly messaging: Messaging,
    private readonly journal: Journal,
    private readonly idempotency: Idempotency,
    private readonly hash: KeyedHash,
  ) {}

  /** Throws 422 `invalid-amount` for notes that are not accepted, `key-reused`. */
  async take(
    session: Session,
    key: RequestKey | null,
    given: readonly Notes[],
  ): Promise<{ answer: Answer; replayed: boolean }> {
    const scope = `deposit ${session.sessionId}`;
    const depositId = key === null ? randomUUIDv7() : this.hash.idSince(session.createdAt, scope, key.value);
    const notes = merged(given);
    const fingerprint = this.hash.digest('fingerprint', JSON.stringify(notes)).toString('base64url');
    return this.idempotency.once({ scope, key, fingerprint }, async () => {
      refuseUnknownNotes(notes);
      await this.store(session, depositId, notes);
      return { status: 201, body: receiptOf(await this.settledOrAccepted(depositId)) };
    });
  }

  private store(session: Session, depositId: string, notes: readonly Notes[]): Promise<void> {
    const { sessionId, terminalId, accountId, currency } = session;
    const amount = totalOf(notes);
    return this.database.transaction(async (tx) => {
      const values = [depositId, sessionId, terminalId, accountId, currency, JSON.stringify(notes), amount];
      const [row] = await tx.query<DepositRow>(CREATE, values);
      if (row === undefined) return;
      const deposit = fromRow(row);
      const data = { depositId, sessionId, notes, amount: amount.toString(), stan: deposit.stan, rrn: deposit.rrn };
      await this.journal.append([{ terminalId, kind: 'notes-deposited', data }], tx);
      await this.messaging.send(tx, [adviceFor(deposit, session.broker)]);
    });
  }

  private async settledOrAccepted(depositId: string): Promise<Deposit> {
    const deadline = performance.now() + WAIT_MS;
    for (let lookMs = LOOK_MS_FIRST; ; lookMs = Math.min(LOOK_MS_MAX, lookMs * 2)) {
      const [row] = await this.database.query<DepositRow>(READ, [depositId]);
      if (row === undefined) throw new Error('a deposit is gone that must be there');
      if (row.state === 'settled' || performance.now() > deadline) return fromRow(row);
      await delay(lookMs);
    }
  }
}

function refuseUnknownNotes(notes: readonly Notes[]): void {
  const unknown = notes.find(({ denomination }) => !ACCEPTED_DENOMINATIONS.includes(denomination));
  if (unknown === undefined) return;
  const accepted = ACCEPTED_DENOMINATIONS.map((one) => formatMinorUnits(totalOf([{ denomination: one, count: 1 }])));
  throw new Problem('invalid-amount', `This machine takes notes of ${accepted.join(', ')} only.`);
}

function adviceFor(deposit: Deposit, toBroker: string): OutgoingMessage {
  const { depositId, accountId, terminalId, amount, stan, rrn } = deposit;
  const at = deposit.createdAt.toISOString();
  const body = {
    ...{ depositId, accountId, terminalId, amount: amount.toString(), stan, rrn },
    ...{ requestedAt: at, at },
  } satisfies DepositAdvice;
  return {
    messageId: derivedUuid('advice', depositId),
    dialogId: depositId,
    sequence: 1,
    fromService: SERVICE.atm,
    toService: SERVICE.account,
    toBroker,
    type: MESSAGE.depositAdvice,
    version: 1,
    body,
  };
}
