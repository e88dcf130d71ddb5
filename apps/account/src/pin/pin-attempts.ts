import { Injectable } from '@nestjs/common';
import { Database, GroupCommit, type SqlTransaction } from '#database';
import { consumeTry, type KnownAttempt, type TryDecision } from './consume-try.js';
import { CONSUME_TRIES, DECIDE_ATTEMPTS, LOAD_ATTEMPTS, LOCK_CARDS, READ_OUTCOMES } from './pin-statements.js';

/** Attempts in one transaction, and such transactions at once. */
const BATCH_MAX = 64;
const IN_FLIGHT_MAX = 2;

export interface Attempt {
  readonly attemptId: string;
  readonly cardToken: string;
  readonly terminalId: string;
}

export interface CardRecord {
  readonly accountId: string;
  readonly maskedNumber: string;
  readonly pinVerifier: Buffer;
}

export interface Opened {
  readonly decision: TryDecision;
  readonly card: CardRecord | null;
}

export interface Outcome {
  readonly attemptId: string;
  readonly outcome: 'verified' | 'wrong-pin';
}

type CardRow = {
  card_token: string;
  account_id: string;
  masked_number: string;
  pin_verifier: Buffer;
  status: 'active' | 'blocked';
  tries_left: number;
};
type AttemptRow = {
  attempt_id: string;
  card_token: string;
  outcome: KnownAttempt['outcome'];
  tries_left: number;
  fresh: boolean;
};

/**
 * The record of PIN attempts, shared by all replicas through the database. An attempt is two transactions: `open`
 * consumes the try, `decide` keeps the outcome; a replica that dies in between leaves the try consumed.
 */
@Injectable()
export class PinAttempts {
  private readonly opening: GroupCommit<Attempt, Opened>;
  private readonly deciding: GroupCommit<Outcome, Outcome['outcome']>;

  constructor(database: Database) {
    const limits = { itemsMax: BATCH_MAX, inFlightMax: IN_FLIGHT_MAX };
    this.opening = new GroupCommit({
      ...limits,
      run: (attempts) => database.transaction((tx) => openAll(tx, attempts)),
    });
    this.deciding = new GroupCommit({
      ...limits,
      run: (outcomes) => database.transaction((tx) => decideAll(tx, outcomes)),
    });
  }

  /** Consumes a try where one is needed and left; says what is to be done next. */
  open(attempt: Attempt): Promise<Opened> {
    return this.opening.submit(attempt);
  }

  /** Keeps the outcome and, where the PIN was right, gives all tries back. Answers what is kept: the first one wins. */
  decide(outcome: Outcome): Promise<Outcome['outcome']> {
    return this.deciding.submit(outcome);
  }
}

async function openAll(tx: SqlTransaction, attempts: readonly Attempt[]): Promise<Opened[]> {
  const tokens = [...new Set(attempts.map(({ cardToken }) => cardToken))];
  const cards = new Map((await tx.query<CardRow>(LOCK_CARDS, [tokens])).map((row) => [row.card_token, row]));
  const ids = attempts.map(({ attemptId }) => attemptId);
  const known = (await tx.query<AttemptRow>(LOAD_ATTEMPTS, [ids, tokens])).map(knownAttemptOf);

  const consumed: (Attempt & { triesLeft: number })[] = [];
  const opened = attempts.map((attempt): Opened => {
    const row = cards.get(attempt.cardToken);
    const decision = consumeTry(attempt, row && { status: row.status, triesLeft: row.tries_left }, known);
    if (row !== undefined && decision.next === 'evaluate' && decision.consume) {
      const { triesLeft } = decision;
      cards.set(row.card_token, { ...row, tries_left: triesLeft });
      known.push({ ...attempt, outcome: 'pending', triesLeft, fresh: true });
      consumed.push({ ...attempt, triesLeft });
    }
    const card = row && { accountId: row.account_id, maskedNumber: row.masked_number, pinVerifier: row.pin_verifier };
    return { decision, card: card ?? null };
  });
  if (consumed.length > 0) {
    await tx.query(CONSUME_TRIES, [
      consumed.map(({ attemptId }) => attemptId),
      consumed.map(({ cardToken }) => cardToken),
      consumed.map(({ terminalId }) => terminalId),
      consumed.map(({ triesLeft }) => triesLeft),
    ]);
  }
  return opened;
}

async function decideAll(tx: SqlTransaction, outcomes: readonly Outcome[]): Promise<Outcome['outcome'][]> {
  const ids = outcomes.map(({ attemptId }) => attemptId);
  const decided = await tx.query<{ attempt_id: string }>(DECIDE_ATTEMPTS, [ids, outcomes.map((one) => one.outcome)]);
  if (decided.length === outcomes.length) return outcomes.map(({ outcome }) => outcome);
  const rows = await tx.query<{ attempt_id: string; outcome: Outcome['outcome'] }>(READ_OUTCOMES, [ids]);
  const kept = new Map(rows.map((row) => [row.attempt_id, row.outcome]));
  return outcomes.map(({ attemptId, outcome }) => kept.get(attemptId) ?? outcome);
}

function knownAttemptOf(row: AttemptRow): KnownAttempt {
  return {
    attemptId: row.attempt_id,
    cardToken: row.card_token,
    outcome: row.outcome,
    triesLeft: row.tries_left,
    fresh: row.fresh,
  };
}
