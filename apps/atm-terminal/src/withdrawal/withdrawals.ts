import { Inject, Injectable } from '@nestjs/common';
import { Database, GroupCommit, REQUEST_GROUPS, type SqlTransaction } from '#database';
import { TRACE_CONTEXT } from '#tracing';
import { Messaging } from '#messaging';
import type { MinorUnits } from '#money';
import { Problem } from '#platform';
import { balanceRows, CachedBalances } from '../balance/cached-balances.js';
import { Cassettes } from '../cassette/cassettes.js';
import { CONFIG, type Config } from '../config.js';
import type { Claim } from '../idempotency/idempotency.js';
import { JOURNAL_RECORDS } from '../persistence/schema/append-journal.js';
import { MOVES, NOTE_CHANGES } from '../persistence/schema/withdrawal-steps.js';
import type { Session } from '../session/session.js';
import { StandInBudget, type StandInCaps } from '../stand-in/stand-in-limits.js';
import { openStandInBudget, storeStandInUsage } from '../stand-in/stand-in-store.js';
import { WithdrawalBatch, type BatchState, type WithdrawalNews } from './withdrawal-batch.js';
import {
  CREATE,
  fromRow,
  isOutdated,
  LOCK,
  newWithdrawal,
  READ,
  STORE,
  UNFINISHED,
  type CreatedRow,
  type WithdrawalRow,
} from './withdrawal-rows.js';
import type { Withdrawal } from './withdrawal.js';

/** A withdrawal that is asked for. */
export interface Creation {
  readonly withdrawalId: string;
  readonly session: Session;
  /** Null: selected, and the amount is still to come. */
  readonly amount: MinorUnits | null;
  /** What the client's own key stands for from now on; null where the client gave none, or it is claimed otherwise. */
  readonly claim: Claim | null;
}

interface Step {
  readonly withdrawal: Withdrawal;
  readonly news: WithdrawalNews;
  /** Of its request; the transaction is shared with others. */
  readonly traceparent: string | undefined;
}

/** The withdrawals of the terminal database. Calls that arrive together share a transaction. */
@Injectable()
export class Withdrawals {
  private readonly creations: GroupCommit<Creation, Withdrawal | null>;
  private readonly reads: GroupCommit<string, Withdrawal | null>;
  private readonly advances: GroupCommit<Step, Withdrawal>;
  private readonly caps: StandInCaps;
  /** Steps that this replica was asked to take since it started. */
  steps = 0;

  constructor(
    private readonly database: Database,
    private readonly messaging: Messaging,
    private readonly cassettes: Cassettes,
    private readonly balances: CachedBalances,
    @Inject(CONFIG)
    private readonly config: Pick<
      Config,
      'REPLICA_NAME' | 'STAND_IN_CARD_MAX' | 'STAND_IN_TERMINAL_MAX' | 'STAND_IN_GLOBAL_MAX'
    >,
  ) {
    this.caps = {
      card: BigInt(config.STAND_IN_CARD_MAX),
      terminal: BigInt(config.STAND_IN_TERMINAL_MAX),
      global: BigInt(config.STAND_IN_GLOBAL_MAX),
    };
    this.creations = new GroupCommit({ run: (items) => this.createAll(items), ...REQUEST_GROUPS });
    this.reads = new GroupCommit({ run: (items) => this.readAll(items), ...REQUEST_GROUPS });
    this.advances = new GroupCommit({ run: (items) => this.stepAll(items), ...REQUEST_GROUPS });
  }

  /**
   * Creates the withdrawal (with an amount it is `authorising` at once), with what its key stands for. Null where there is a withdrawal of this
   * id, the key was claimed before, or the session has ended.
   */
  begin(creation: Creation): Promise<Withdrawal | null> {
    return this.creations.submit(creation);
  }

  /** Creates the withdrawal, or finds the one that has this id already. Throws 401 where the session has ended meanwhile. */
  async create(creation: Omit<Creation, 'claim'>): Promise<Withdrawal> {
    const withdrawal = (await this.begin({ ...creation, claim: null })) ?? (await this.find(creation.withdrawalId));
    if (withdrawal === null) throw new Problem('unauthenticated', 'The session has ended.');
    return withdrawal;
  }

  find(withdrawalId: string): Promise<Withdrawal | null> {
    return this.reads.submit(withdrawalId);
  }

  /**
   * Commits what the news mean for the withdrawal as it was last seen, with everything that belongs to it (notes, journal, advice,
   * limits), and answers it as it then is. News that come too late change nothing: the answer shows what another replica has made of it.
   */
  advance(withdrawal: Withdrawal, news: WithdrawalNews): Promise<Withdrawal> {
    this.steps++;
    return this.advances.submit({ withdrawal, news, traceparent: TRACE_CONTEXT.current() });
  }

  /** Those that nobody has moved for `ageMs` although they are not finished, oldest first. */
  async unfinished(ageMs: number, most: number): Promise<Withdrawal[]> {
    return (await this.database.query<WithdrawalRow>(UNFINISHED, [ageMs, most])).map(fromRow);
  }

  /** Of two requests for one id that arrive together only the first may create it. */
  private async createAll(items: Creation[]): Promise<(Withdrawal | null)[]> {
    const first = [...new Map(items.toReversed().map((item) => [item.withdrawalId, item])).values()];
    const rows = await this.database.query<CreatedRow>(CREATE, [
      first.map(({ withdrawalId }) => withdrawalId),
      first.map(({ session }) => session.sessionId),
      first.map(({ session }) => session.terminalId),
      first.map(({ session }) => session.accountId),
      first.map(({ session }) => session.currency),
      first.map(({ amount }) => amount),
      first.map(({ claim }) => claim?.fingerprint ?? null),
      first.map(({ claim }) => claim?.scope ?? null),
      first.map(({ claim }) => claim?.key ?? null),
    ]);
    const created = new Map(rows.map((row) => [row.withdrawal_id, row]));
    const isFirst = new Set(first);
    return items.map((item) => {
      const row = isFirst.has(item) ? created.get(item.withdrawalId) : undefined;
      return row === undefined ? null : newWithdrawal(item.session, item.amount, item.claim?.fingerprint ?? null, row);
    });
  }

  private async readAll(ids: string[]): Promise<(Withdrawal | null)[]> {
    const known = byId((await this.database.query<WithdrawalRow>(READ, [ids])).map(fromRow));
    return ids.map((id) => known.get(id) ?? null);
  }

  /**
   * Decides by what the steps have seen, and stores it in one statement if it is still so: nothing is locked while this process thinks
   * or waits for its turn. Where it is not, decides again under locks.
   */
  private async stepAll(steps: Step[]): Promise<Withdrawal[]> {
    const state = await this.asSeen(steps);
    if (state === null) return this.stepUnderLocks(steps);
    const batch = new WithdrawalBatch(state);
    const results = takeAll(batch, steps);
    if (batch.notesGone) return this.stepUnderLocks(steps);
    try {
      await this.storeAlone(batch, steps);
      return results;
    } catch (error) {
      if (!isOutdated(error)) throw error;
      return this.stepUnderLocks(steps);
    }
  }

  /** Null where limits have to be read, which only a lock keeps from changing. */
  private async asSeen(steps: readonly Step[]): Promise<BatchState | null> {
    if (steps.some(({ news }) => news.kind === 'host-unreachable')) return null;
    const terminals = [...new Set(steps.filter(needsNotes).map(({ withdrawal }) => withdrawal.terminalId))];
    const cassettes = await Promise.all(
      terminals.map(async (terminalId) => [terminalId, await this.cassettes.recent(terminalId)] as const),
    );
    const withdrawals = steps.map(({ withdrawal }) => withdrawal);
    const at = new Date(Math.max(Date.now(), ...withdrawals.map(({ createdAt }) => createdAt.getTime())));
    const standIn = new StandInBudget(this.caps, [], new Map());
    return { withdrawals, cassettes: new Map(cassettes), standIn, at, replica: this.config.REPLICA_NAME };
  }

  private stepUnderLocks(steps: Step[]): Promise<Withdrawal[]> {
    return this.database.transaction(async (tx) => {
      const batch = new WithdrawalBatch(await this.lock(tx, steps));
      const results = takeAll(batch, steps);
      await this.store(tx, batch);
      return results;
    });
  }

  /** Locks in one order: terminals and withdrawals, then balances, then limits. */
  private async lock(tx: SqlTransaction, steps: Step[]): Promise<BatchState> {
    const ids = steps.map(({ withdrawal }) => withdrawal.withdrawalId);
    const rows = await tx.query<WithdrawalRow & { now: Date }>(LOCK, [ids]);
    const known = byId(rows.map(fromRow));
    const concerned = (filter: (step: Step) => boolean) =>
      steps
        .filter(filter)
        .map(({ withdrawal }) => required(known.get(withdrawal.withdrawalId)))
        .filter(({ state }) => state === 'authorising');
    const cassettes = await this.cassettes.locked(
      tx,
      concerned(needsNotes).map(({ terminalId }) => terminalId),
    );
    await this.balances.put(steps.flatMap(balancesOf), tx);
    const standIn = await openStandInBudget(
      tx,
      this.caps,
      concerned(({ news }) => news.kind === 'host-unreachable'),
    );
    const at = required(rows[0]).now;
    return { withdrawals: [...known.values()], cassettes, standIn, at, replica: this.config.REPLICA_NAME };
  }

  private async storeAlone(batch: WithdrawalBatch, steps: readonly Step[]): Promise<void> {
    if (batch.moved().length === 0) return;
    const advices = this.messaging.prepare(batch.advices);
    const balances = balanceRows(steps.flatMap(balancesOf));
    await this.database.query(STORE, valuesOf(batch, balances, advices.rows));
    advices.sent();
  }

  /** The balances are there already: they had to be locked before the limits. */
  private async store(tx: SqlTransaction, batch: WithdrawalBatch): Promise<void> {
    if (batch.moved().length === 0) return;
    const advices = this.messaging.prepare(batch.advices);
    await tx.query(STORE, valuesOf(batch, '[]', advices.rows));
    await storeStandInUsage(tx, this.caps, batch.state.standIn);
    tx.afterCommit(() => advices.sent());
  }
}

/** What `STORE` takes. */
function valuesOf(batch: WithdrawalBatch, balances: string, messages: string): unknown[] {
  const moved = batch.moved();
  return [
    [...new Set(moved.map(({ withdrawal }) => withdrawal.terminalId))],
    MOVES.valueOf(moved.map(({ was, withdrawal }) => ({ was, ...withdrawal }))),
    NOTE_CHANGES.valueOf(batch.cassetteChanges()),
    JOURNAL_RECORDS.valueOf(batch.journal),
    balances,
    messages,
  ];
}

const takeAll = (batch: WithdrawalBatch, steps: readonly Step[]): Withdrawal[] =>
  steps.map(({ withdrawal, news, traceparent }) => batch.take(withdrawal.withdrawalId, news, traceparent));

const needsNotes = ({ news }: Step) => news.kind === 'authorisation-answered' || news.kind === 'host-unreachable';
const byId = (withdrawals: readonly Withdrawal[]) => new Map(withdrawals.map((one) => [one.withdrawalId, one]));
const balancesOf = ({ news }: Step) => (news.kind === 'authorisation-answered' ? [news.answer.balances] : []);

function required<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('a withdrawal is gone that must be there');
  return value;
}
