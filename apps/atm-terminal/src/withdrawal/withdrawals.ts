import { Inject, Injectable } from '@nestjs/common';
import { Database, GroupCommit, type SqlTransaction } from '#database';
import { TRACE_CONTEXT } from '#tracing';
import { Messaging } from '#messaging';
import type { MinorUnits } from '#money';
import { CachedBalances } from '../balance/cached-balances.js';
import { Cassettes } from '../cassette/cassettes.js';
import { CONFIG, type Config } from '../config.js';
import type { StandInCaps } from '../stand-in/stand-in-limits.js';
import { openStandInBudget, storeStandInUsage } from '../stand-in/stand-in-store.js';
import { WithdrawalBatch, type BatchState, type CassetteChange, type WithdrawalNews } from './withdrawal-batch.js';
import { CREATE, fromRow, LOCK, READ, STORE, toStored, UNFINISHED, type WithdrawalRow } from './withdrawal-rows.js';
import type { Withdrawal } from './withdrawal.js';

interface Creation {
  readonly withdrawalId: string;
  readonly sessionId: string;
  readonly amount: MinorUnits | null;
}

interface Step {
  readonly withdrawalId: string;
  readonly news: WithdrawalNews;
  /** Of the request; the transaction is shared with others. */
  readonly traceparent: string | undefined;
}

/** The withdrawals of the terminal database. Calls that arrive together share a transaction. */
@Injectable()
export class Withdrawals {
  private readonly creations: GroupCommit<Creation, Withdrawal>;
  private readonly reads: GroupCommit<string, Withdrawal | null>;
  private readonly steps: GroupCommit<Step, Withdrawal>;
  private readonly caps: StandInCaps;

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
    const sizes = { itemsMax: 128, inFlightMax: 2 };
    this.caps = {
      card: BigInt(config.STAND_IN_CARD_MAX),
      terminal: BigInt(config.STAND_IN_TERMINAL_MAX),
      global: BigInt(config.STAND_IN_GLOBAL_MAX),
    };
    this.creations = new GroupCommit({ run: (items) => this.createAll(items), ...sizes });
    this.reads = new GroupCommit({ run: (items) => this.readAll(items), ...sizes });
    this.steps = new GroupCommit({ run: (items) => this.stepAll(items), ...sizes });
  }

  /** Creates the withdrawal (with an amount it is `authorising` at once), or finds the one that has this id already. */
  create(creation: Creation): Promise<Withdrawal> {
    return this.creations.submit(creation);
  }

  find(withdrawalId: string): Promise<Withdrawal | null> {
    return this.reads.submit(withdrawalId);
  }

  /**
   * Commits what the news mean, with everything that belongs to it (notes, journal, advice, limits), and answers the withdrawal as it
   * then is. News that come too late change nothing: the answer shows what another replica has made of it.
   */
  advance(withdrawalId: string, news: WithdrawalNews): Promise<Withdrawal> {
    return this.steps.submit({ withdrawalId, news, traceparent: TRACE_CONTEXT.current() });
  }

  /** Those that nobody has moved for `ageMs` although they are not finished, oldest first. */
  async unfinished(ageMs: number, most: number): Promise<Withdrawal[]> {
    return (await this.database.query<WithdrawalRow>(UNFINISHED, [ageMs, most])).map(fromRow);
  }

  private async createAll(items: Creation[]): Promise<Withdrawal[]> {
    const rows = await this.database.query<WithdrawalRow>(CREATE, [
      items.map(({ withdrawalId }) => withdrawalId),
      items.map(({ sessionId }) => sessionId),
      items.map(({ amount }) => amount),
    ]);
    const known = byId(rows.map(fromRow));
    const earlier = items.map(({ withdrawalId }) => withdrawalId).filter((id) => !known.has(id));
    if (earlier.length > 0) {
      byId((await this.database.query<WithdrawalRow>(READ, [earlier])).map(fromRow)).forEach((row, id) =>
        known.set(id, row),
      );
    }
    return items.map(({ withdrawalId }) => required(known.get(withdrawalId)));
  }

  private async readAll(ids: string[]): Promise<(Withdrawal | null)[]> {
    const known = byId((await this.database.query<WithdrawalRow>(READ, [ids])).map(fromRow));
    return ids.map((id) => known.get(id) ?? null);
  }

  private stepAll(steps: Step[]): Promise<Withdrawal[]> {
    return this.database.transaction(async (tx) => {
      const batch = new WithdrawalBatch(await this.open(tx, steps));
      const results = steps.map(({ withdrawalId, news, traceparent }) => batch.take(withdrawalId, news, traceparent));
      await this.store(tx, batch);
      return results;
    });
  }

  /** Locks in one order: terminals and withdrawals, then balances, then limits. */
  private async open(tx: SqlTransaction, steps: Step[]): Promise<BatchState> {
    const rows = await tx.query<WithdrawalRow & { now: Date }>(LOCK, [steps.map(({ withdrawalId }) => withdrawalId)]);
    const known = byId(rows.map(fromRow));
    const concerned = (...kinds: WithdrawalNews['kind'][]) =>
      steps
        .filter(({ news }) => kinds.includes(news.kind))
        .map(({ withdrawalId }) => required(known.get(withdrawalId)))
        .filter(({ state }) => state === 'authorising');
    const toDispense = concerned('authorisation-answered', 'host-unreachable');
    const cassettes = await this.cassettes.locked(
      tx,
      toDispense.map(({ terminalId }) => terminalId),
    );
    await this.balances.put(steps.flatMap(balancesOf), tx);
    const standIn = await openStandInBudget(tx, this.caps, concerned('host-unreachable'));
    return {
      withdrawals: [...known.values()],
      cassettes,
      standIn,
      at: required(rows[0]).now,
      replica: this.config.REPLICA_NAME,
    };
  }

  private async store(tx: SqlTransaction, batch: WithdrawalBatch): Promise<void> {
    const moved = batch.moved();
    if (moved.length === 0) return;
    const [stored] = await tx.query<{ moved: number }>(STORE, [
      JSON.stringify(moved.map(({ was, withdrawal }) => toStored(was, withdrawal))),
      JSON.stringify(batch.cassetteChanges().map(asRow)),
      JSON.stringify(batch.journal),
    ]);
    if (stored?.moved !== moved.length) throw new Error('a locked withdrawal was moved by somebody else');
    await storeStandInUsage(tx, this.caps, batch.state.standIn);
    if (batch.advices.length > 0) await this.messaging.send(tx, batch.advices);
  }
}

const byId = (withdrawals: readonly Withdrawal[]) => new Map(withdrawals.map((one) => [one.withdrawalId, one]));
const balancesOf = ({ news }: Step) => (news.kind === 'authorisation-answered' ? [news.answer.balances] : []);
const asRow = ({ terminalId, denomination, change }: CassetteChange) => ({
  terminal_id: terminalId,
  denomination,
  change,
});

function required<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('a withdrawal is gone that must be there');
  return value;
}
