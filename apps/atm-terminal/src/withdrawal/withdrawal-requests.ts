import { Injectable } from '@nestjs/common';
import { randomUUIDv7 } from 'node:crypto';
import { RESPONSE_CODE } from '#contracts';
import { Cohorts, type CohortsOptions } from '#database';
import { formatMinorUnits, minorUnitsFromNumber, noteMix, toNumber, type MinorUnits, type Notes } from '#money';
import { Problem } from '#platform';
import { Cassettes } from '../cassette/cassettes.js';
import { nearestAmounts } from '../cassette/notes.js';
import type { Answer } from '../idempotency/answer.js';
import { claimOf, Idempotency, keyReused, type KeyedRequest } from '../idempotency/idempotency.js';
import { hostUnavailable } from '../host/host-unavailable.js';
import type { RequestKey } from '../http/caller.js';
import { KeyedHash } from '../identity/keyed-hash.js';
import { BalancePrefetch } from '../balance/balance-prefetch.js';
import { sessionEnded } from '../session/session-ended.js';
import type { Session } from '../session/session.js';
import { isDriven } from './transitions.js';
import { WithdrawalDriver } from './withdrawal-driver.js';
import { withdrawalAnswer, withdrawalBody, type Withdrawal } from './withdrawal.js';
import { Withdrawals, type Beginning } from './withdrawals.js';

/** Cash that is taken at the same time at different machines goes through its steps together. */
const TOGETHER: CohortsOptions = { callsMax: 128, aloneMs: 100 };

/** What the cardholder asks for. All of it may be repeated at any time, at any replica. */
@Injectable()
export class WithdrawalRequests {
  private readonly cohorts = new Cohorts(TOGETHER);

  constructor(
    private readonly withdrawals: Withdrawals,
    private readonly driver: WithdrawalDriver,
    private readonly cassettes: Cassettes,
    private readonly prefetch: BalancePrefetch,
    private readonly idempotency: Idempotency,
    private readonly hash: KeyedHash,
  ) {}

  /** Withdrawal selected; with an amount the cash is taken at once. Throws 422 `invalid-amount` or `key-reused`, 503. */
  async select(
    session: Session,
    key: RequestKey | null,
    amount: number | undefined,
  ): Promise<{ answer: Answer; replayed: boolean }> {
    const { request, withdrawalId } = this.selection(session, key, amount);
    const units = amount === undefined ? null : minorUnitsFromNumber(amount);
    const first = key?.fromClient === true ? await this.withdrawals.find(withdrawalId) : null;
    if (first !== null && first.fingerprint !== null) return this.repeat(first, request.fingerprint);
    return this.idempotency.once(request, async () => {
      if (units === null) return answerOf(201, await this.selectOnly(session, withdrawalId));
      return answerOf(201, await this.selectAndTake(session, withdrawalId, units));
    });
  }

  /** The amount of a withdrawal that awaits it. Throws 404, 409 for another amount than before, 422 `invalid-amount` or `key-reused`, 503. */
  async enterAmount(
    session: Session,
    key: RequestKey | null,
    withdrawalId: string,
    amount: number,
  ): Promise<{ answer: Answer; replayed: boolean }> {
    const withdrawal = await this.read(session, withdrawalId);
    const scope = `amount ${session.sessionId}`;
    const fingerprint = this.fingerprint(`${withdrawalId} ${amount}`);
    return this.idempotency.once({ scope, key, fingerprint }, async () =>
      answerOf(200, await this.take(withdrawal, minorUnitsFromNumber(amount))),
    );
  }

  /** Throws 404 where it is unknown or another session's. */
  async read(session: Session, withdrawalId: string): Promise<Withdrawal> {
    const withdrawal = UUID.test(withdrawalId) ? await this.withdrawals.find(withdrawalId) : null;
    if (withdrawal === null || withdrawal.sessionId !== session.sessionId) {
      throw new Problem('not-found', 'There is no such withdrawal, or it is not yours.');
    }
    return withdrawal;
  }

  /** Throws 404. For operators, who may see any. */
  async readAny(withdrawalId: string): Promise<Withdrawal> {
    const withdrawal = UUID.test(withdrawalId) ? await this.withdrawals.find(withdrawalId) : null;
    if (withdrawal === null) throw new Problem('not-found', 'There is no such withdrawal.');
    return withdrawal;
  }

  /**
   * The usual case of a selection with an amount, in the fewest transactions: the session lasts, key and withdrawal are new. The withdrawal's row stands for the
   * key, and for the answer that its repeats are given. Null where it is not the usual case: nothing has happened, and `select` finds out why.
   * The session may have ended since it was seen. Throws 503.
   */
  async takeFirst(session: Session, key: RequestKey | null, amount: number): Promise<Answer | null> {
    const { request, withdrawalId } = this.selection(session, key, amount);
    const units = minorUnitsFromNumber(amount);
    if (noteMix(units, await this.cassettes.recent(session.terminalId)) === null) return null;
    const finished = await this.takeNew({ withdrawalId, session, amount: units, claim: claimOf(request) });
    if (finished === null) return null;
    return { status: 201, body: withdrawalAnswer(unlessBankAway(finished)) };
  }

  /** The request of `takeFirst` again: goes on where the first one was left, or is given its answer. */
  private async repeat(first: Withdrawal, fingerprint: string): Promise<{ answer: Answer; replayed: boolean }> {
    if (first.fingerprint !== fingerprint || first.amount === null) throw keyReused();
    const replayed = !isDriven(first.state);
    const withdrawal = replayed ? first : await this.take(first, first.amount);
    return { answer: { status: 201, body: withdrawalAnswer(withdrawal) }, replayed };
  }

  private async selectOnly(session: Session, withdrawalId: string): Promise<Withdrawal> {
    const withdrawal = await this.withdrawals.select({ withdrawalId, session });
    this.prefetch.begin(withdrawal);
    return withdrawal;
  }

  /** A repeat goes on with the withdrawal that exists, whatever the cassettes have by now. */
  private async selectAndTake(session: Session, withdrawalId: string, amount: MinorUnits): Promise<Withdrawal> {
    const cassettes = await this.cassettes.of(session.terminalId);
    const isPossible = noteMix(amount, cassettes) !== null;
    const taken = isPossible ? await this.takeNew({ withdrawalId, session, amount, claim: null }) : null;
    if (taken !== null) return unlessBankAway(taken);
    const earlier = await this.withdrawals.find(withdrawalId);
    if (earlier !== null) return this.take(earlier, amount);
    throw isPossible ? sessionEnded() : impossibleAmount(amount, cassettes);
  }

  /** Null where it cannot begin, or has begun already. */
  private takeNew(beginning: Beginning): Promise<Withdrawal | null> {
    return this.cohorts.run(async (makeWay) => {
      const begun = await this.withdrawals.begin(beginning);
      makeWay();
      return begun && this.driver.drive(begun);
    });
  }

  private async take(withdrawal: Withdrawal, amount: MinorUnits): Promise<Withdrawal> {
    let current = withdrawal;
    if (current.state === 'awaiting-amount') {
      current = await this.withdrawals.enterAmount(current, amount);
      if (current.state === 'awaiting-amount') {
        throw impossibleAmount(amount, await this.cassettes.of(current.terminalId));
      }
    }
    if (current.amount !== amount) {
      throw new Problem('conflict', 'Another amount was already entered for this withdrawal.');
    }
    if (!isDriven(current.state)) return current;
    const driven = this.cohorts.run((makeWay) => {
      makeWay();
      return this.driver.drive(current);
    });
    return unlessBankAway(await driven);
  }

  private selection(session: Session, key: RequestKey | null, amount: number | undefined) {
    const scope = `withdrawal ${session.sessionId}`;
    const withdrawalId = key === null ? randomUUIDv7() : this.hash.idSince(session.createdAt, scope, key.value);
    const request: KeyedRequest = { scope, key, fingerprint: this.fingerprint(`select ${amount ?? ''}`) };
    return { request, withdrawalId };
  }

  private fingerprint(request: string): string {
    return this.hash.digest('fingerprint', request).toString('base64url');
  }
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

const answerOf = (status: number, withdrawal: Withdrawal): Answer => ({ status, body: withdrawalBody(withdrawal) });

function unlessBankAway(finished: Withdrawal): Withdrawal {
  if (finished.responseCode === RESPONSE_CODE.hostUnavailable) throw bankAway();
  return finished;
}

const bankAway = () => hostUnavailable('Your bank cannot be reached; no cash was given and nothing is charged.');

function impossibleAmount(amount: MinorUnits, cassettes: readonly Notes[]): Problem {
  const possible = nearestAmounts(amount, cassettes);
  const hint =
    possible.length === 0 ? 'please choose another' : `possible: ${possible.map(formatMinorUnits).join(', ')}`;
  return new Problem('invalid-amount', `This machine cannot give ${formatMinorUnits(amount)} in its notes; ${hint}.`, {
    possibleAmounts: possible.map(toNumber),
  });
}
