import { Inject, Injectable } from '@nestjs/common';
import { Database, GroupCommit, REQUEST_GROUPS, type SqlTransaction } from '#database';
import type { Balances, WithdrawalState } from '#contracts';
import { TRACE_CONTEXT } from '#tracing';
import { Messaging } from '#messaging';
import type { MinorUnits } from '#money';
import { balanceRows, CachedBalances } from '../balance/cached-balances.js';
import { Cassettes } from '../cassette/cassettes.js';
import { CONFIG, type Config } from '../config.js';
import type { Claim } from '../idempotency/idempotency.js';
import { JOURNAL_RECORDS, TOTAL_CHANGES } from '../persistence/schema/append-journal.js';
import { ARRIVALS, MOVES, NOTE_CHANGES } from '../persistence/schema/withdrawal-steps.js';
import { sessionEnded } from '../session/session-ended.js';
import type { Session } from '../session/session.js';
import { StandInBudget, type StandInCaps } from '../stand-in/stand-in-limits.js';
import { openStandInBudget, storeStandInUsage } from '../stand-in/stand-in-store.js';
import { ReferenceNumbers } from './reference-numbers.js';
import { WithdrawalBatch, type BatchState, type WithdrawalNews } from './withdrawal-batch.js';
import {
  fromRow,
  isOutdated,
  LOCK,
  LOCK_TERMINALS,
  newWithdrawal,
  READ,
  REFUSED,
  SELECT,
  STORE,
  UNFINISHED,
  type SelectedRow,
  type WithdrawalRow,
} from './withdrawal-rows.js';
import type { Withdrawal } from './withdrawal.js';

/** A withdrawal that is selected, its amount still to come. */
interface Selection {
  readonly withdrawalId: string;
  readonly session: Session;
}

/** A withdrawal that is asked for with its amount. */
export interface Beginning extends Selection {
  readonly amount: MinorUnits;
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
  private readonly selections: GroupCommit<Selection, Withdrawal | null>;
  private readonly reads: GroupCommit<string, Withdrawal | null>;
  private readonly beginnings: GroupCommit<Step, Withdrawal>;
  private readonly advances: GroupCommit<Step, Withdrawal>;
  private readonly caps: StandInCaps;
  /** Steps that this replica was asked to take since it started. */
  steps = 0;

  constructor(
    private readonly database: Database,
    private readonly messaging: Messaging,
    private readonly cassettes: Cassettes,
    private readonly balances: CachedBalances,
    private readonly numbers: ReferenceNumbers,
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
    this.selections = new GroupCommit({ run: (items) => this.selectAll(items), ...REQUEST_GROUPS });
    this.reads = new GroupCommit({ run: (items) => this.readAll(items), ...REQUEST_GROUPS });
    this.beginnings = new GroupCommit({ run: (items) => this.stepAll(items), ...REQUEST_GROUPS });
    this.advances = new GroupCommit({ run: (items) => this.stepAll(items), ...REQUEST_GROUPS });
  }

  /** Selects a withdrawal, or finds the one that has this id already. Throws 401 where the session has ended meanwhile. */
  async select(selection: Selection): Promise<Withdrawal> {
    const withdrawal = (await this.selections.submit(selection)) ?? (await this.find(selection.withdrawalId));
    if (withdrawal === null) throw sessionEnded();
    return withdrawal;
  }

  /**
   * Begins a withdrawal: its row, what its key stands for, and its notes, which are the intent to dispense them. It is `authorising` then. Null where there is
   * one of this id, the key was claimed before, the session has ended, or the cassettes cannot make up the amount.
   */
  async begin({ withdrawalId, session, amount, claim }: Beginning): Promise<Withdrawal | null> {
    const numbers = await this.numbers.next();
    const fingerprint = claim?.fingerprint ?? null;
    const request = newWithdrawal(session, {
      ...numbers,
      withdrawalId,
      stored: false,
      createdAt: new Date(),
      fingerprint,
    });
    const begun = await this.beginnings.submit(stepOf(request, { kind: 'amount-entered', amount, claim }));
    return begun.stored && begun.rrn === numbers.rrn ? begun : null;
  }

  /** The same for one that was selected. It still awaits its amount where the cassettes cannot make it up. */
  enterAmount(withdrawal: Withdrawal, amount: MinorUnits): Promise<Withdrawal> {
    return this.beginnings.submit(stepOf(withdrawal, { kind: 'amount-entered', amount, claim: null }));
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
    return this.advances.submit(stepOf(withdrawal, news));
  }

  /** Those that nobody has moved for `ageMs` although they are not finished, oldest first. */
  async unfinished(ageMs: number, most: number): Promise<Withdrawal[]> {
    return (await this.database.query<WithdrawalRow>(UNFINISHED, [ageMs, most])).map(fromRow);
  }

  /** Of two requests for one id that arrive together only the first may select it. */
  private async selectAll(items: Selection[]): Promise<(Withdrawal | null)[]> {
    const first = [...new Map(items.toReversed().map((item) => [item.withdrawalId, item])).values()];
    const rows = await this.database.query<SelectedRow>(SELECT, [
      first.map(({ withdrawalId }) => withdrawalId),
      first.map(({ session }) => session.sessionId),
    ]);
    const selected = new Map(rows.map((row) => [row.withdrawal_id, row]));
    const isFirst = new Set(first);
    return items.map((item) => {
      const row = isFirst.has(item) ? selected.get(item.withdrawalId) : undefined;
      if (row === undefined) return null;
      const { withdrawal_id: withdrawalId, stan, rrn, created_at: createdAt } = row;
      return newWithdrawal(item.session, { withdrawalId, stored: true, stan, rrn, createdAt, fingerprint: null });
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
      return withTime(results, batch, await this.storeAlone(batch, steps));
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
      const results = takeAll(batch, steps, await refusedOf(tx, steps));
      return withTime(results, batch, await this.store(tx, batch));
    });
  }

  /** Locks in one order: terminals, withdrawals, balances, limits. */
  private async lock(tx: SqlTransaction, steps: Step[]): Promise<BatchState> {
    const seen = steps.map(({ withdrawal }) => withdrawal);
    const [terminal] = await tx.query<{ now: Date }>(LOCK_TERMINALS, [seen.map(({ terminalId }) => terminalId)]);
    const rows = await tx.query<WithdrawalRow>(LOCK, [seen.map(({ withdrawalId }) => withdrawalId)]);
    // What is not there is a request.
    const known = byId([...seen.filter(({ stored }) => !stored), ...rows.map(fromRow)]);
    const concerned = (filter: (step: Step) => boolean, state: WithdrawalState) =>
      steps
        .filter(filter)
        .map(({ withdrawal }) => required(known.get(withdrawal.withdrawalId)))
        .filter((withdrawal) => withdrawal.state === state);
    const cassettes = await this.cassettes.locked(
      tx,
      concerned(needsNotes, 'awaiting-amount').map(({ terminalId }) => terminalId),
    );
    await this.balances.put(steps.flatMap(balancesOf), tx);
    const standIn = await openStandInBudget(
      tx,
      this.caps,
      concerned(({ news }) => news.kind === 'host-unreachable', 'authorising'),
    );
    const at = required(terminal).now;
    return { withdrawals: [...known.values()], cassettes, standIn, at, replica: this.config.REPLICA_NAME };
  }

  private async storeAlone(batch: WithdrawalBatch, steps: readonly Step[]): Promise<Date> {
    if (batch.arrivals().length + batch.moves().length === 0) return batch.state.at;
    const advices = this.messaging.prepare(batch.advices);
    const balances = balanceRows(steps.flatMap(balancesOf));
    const [stored] = await this.database.query<{ at: Date }>(STORE, valuesOf(batch, balances, advices.rows));
    advices.sent();
    return required(stored).at;
  }

  /** The balances are there already: they had to be locked before the limits. */
  private async store(tx: SqlTransaction, batch: WithdrawalBatch): Promise<Date> {
    if (batch.arrivals().length + batch.moves().length === 0) return batch.state.at;
    const advices = this.messaging.prepare(batch.advices);
    const [stored] = await tx.query<{ at: Date }>(STORE, valuesOf(batch, '[]', advices.rows));
    await storeStandInUsage(tx, this.caps, batch.state.standIn);
    tx.afterCommit(() => advices.sent());
    return required(stored).at;
  }
}

/** What `STORE` takes. */
function valuesOf(batch: WithdrawalBatch, balances: string, messages: string): unknown[] {
  const [arrivals, moves] = [batch.arrivals(), batch.moves()];
  return [
    [...new Set([...arrivals, ...moves].map(({ withdrawal }) => withdrawal.terminalId))],
    ARRIVALS.valueOf(arrivals.map(({ claim, withdrawal }) => withKey(withdrawal, claim))),
    MOVES.valueOf(moves.map(({ was, withdrawal }) => ({ ...withdrawal, was: was.state }))),
    NOTE_CHANGES.valueOf(batch.cassetteChanges()),
    TOTAL_CHANGES.valueOf(batch.totalChanges()),
    JOURNAL_RECORDS.valueOf(batch.journal),
    balances,
    messages,
  ];
}

const withKey = (withdrawal: Withdrawal, claim: Claim | null) => ({
  ...withdrawal,
  scope: claim?.scope ?? null,
  key: claim?.key ?? null,
});

const stepOf = (withdrawal: Withdrawal, news: WithdrawalNews): Step => ({
  ...{ withdrawal, news },
  traceparent: TRACE_CONTEXT.current(),
});

/** Requests that the database would refuse. */
async function refusedOf(tx: SqlTransaction, steps: readonly Step[]): Promise<ReadonlySet<string>> {
  const requests = steps.flatMap(({ withdrawal, news }) =>
    withdrawal.stored || news.kind !== 'amount-entered' ? [] : [withKey(withdrawal, news.claim)],
  );
  if (requests.length === 0) return new Set();
  const rows = await tx.query<{ withdrawal_id: string }>(REFUSED, [
    requests.map(({ withdrawalId }) => withdrawalId),
    requests.map(({ sessionId }) => sessionId),
    requests.map(({ scope }) => scope),
    requests.map(({ key }) => key),
  ]);
  return new Set(rows.map((row) => row.withdrawal_id));
}

const takeAll = (
  batch: WithdrawalBatch,
  steps: readonly Step[],
  refused: ReadonlySet<string> = new Set(),
): Withdrawal[] =>
  steps.map(({ withdrawal, news, traceparent }) =>
    refused.has(withdrawal.withdrawalId) ? withdrawal : batch.take(withdrawal.withdrawalId, news, traceparent),
  );

/** With the time by the database's clock for those that have just got their rows. */
function withTime(results: Withdrawal[], batch: WithdrawalBatch, at: Date): Withdrawal[] {
  const arrived = new Set(batch.arrivals().map(({ withdrawal }) => withdrawal.withdrawalId));
  return results.map((result) => (arrived.has(result.withdrawalId) ? { ...result, createdAt: at } : result));
}

const needsNotes = ({ news }: Step) => news.kind === 'amount-entered';
const byId = (withdrawals: readonly Withdrawal[]) => new Map(withdrawals.map((one) => [one.withdrawalId, one]));

function balancesOf({ news }: Step): Balances[] {
  if (news.kind === 'declined') return [news.answer.balances];
  return news.kind === 'dispenser-answered' && news.approval !== null ? [news.approval.answer.balances] : [];
}

function required<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('a withdrawal is gone that must be there');
  return value;
}
