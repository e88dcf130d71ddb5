import type { SessionBody, WithdrawalBody } from '#contracts';
import type { Random } from '../../../libs/messaging/simulation/random.js';
import type { Answer, Atm } from '../../atm/atm.js';
import type { WhoHangsUp } from '../faults/inject.js';
import { type Asked, askUntilDecided, type RunClock } from './ask.js';
import type { Operation } from './operation.js';

const PIN = '1234';

/** For one operation, outages included, milliseconds; longer than the longest fault. */
const PATIENCE_MS = 60_000;

/** Longer than the recovery sweep leaves a withdrawal alone, milliseconds. */
const AFTER_HANGING_UP_MS = 20_000;

/** What a person needs to read the screen and to decide, milliseconds. */
const THINK_MS = [20, 120] as const;

const STEPS_OF_A_VISIT = [2, 5] as const;

/** Amounts, minor units: small ones for poor accounts, which are to be declined now and then. */
const AMOUNTS = { rich: [1_000, 2_000, 5_000, 7_000, 20_000, 38_000], poor: [1_000, 2_000, 3_000] } as const;

export interface VirtualAtmOptions {
  readonly number: number;
  readonly atm: Atm;
  /** As `atm`, but it gives up after a moment and does not ask again. */
  readonly impatient: Atm;
  /** As `atm`, but it does not ask again. */
  readonly resigned: Atm;
  readonly card: string;
  readonly account: 'rich' | 'poor';
  /** Accounts to which its customer may send money. */
  readonly friends: readonly string[];
  readonly random: Random;
  readonly clock: RunClock;
  readonly nextNumber: () => number;
  /** A second record with the same number replaces the first. */
  readonly record: (operation: Operation) => void;
  readonly whoHangsUp: () => WhoHangsUp;
}

/** Common parts of a record; the kind and what belongs to it are added. */
type Head = Pick<
  Operation,
  'number' | 'atm' | 'accountId' | 'invokedAtMs' | 'completedAtMs' | 'outcome' | 'refusal' | 'calls'
>;

/** A cash machine with one customer after the other, all with the same card, and a record of everything that it was told. */
export class VirtualAtm {
  private stopped = false;
  private staying = false;
  /** Operations of which nobody knows yet what came of them. */
  private open: (() => Promise<void>)[] = [];

  constructor(private readonly options: VirtualAtmOptions) {}

  /** Until `stop`; ends with the visit that is under way. */
  async run(): Promise<void> {
    while (!this.stopped) {
      await this.visit((session) => this.severalSteps(session));
      await this.think();
    }
  }

  /** Whether its customer waits for notes and would ask again for them. */
  get stays(): boolean {
    return this.staying;
  }

  stop(): void {
    this.stopped = true;
  }

  /** Asks again for everything whose outcome is unknown, with the same keys; for when the bank is well again. */
  async settleOpen(): Promise<void> {
    for (const settle of this.open.splice(0)) await settle();
  }

  readBalanceOnce(): Promise<void> {
    return this.visit((session) => this.readBalance(session));
  }

  private async visit(during: (session: SessionBody) => Promise<void>): Promise<void> {
    const { atm, card } = this.options;
    const opened = await this.ask('open a session', null, (key) => atm.openSession(card, PIN, key));
    const session = opened.body;
    if (session === null) return;
    await during(session);
    // What is still to be asked about needs the session.
    if (this.open.length > 0) return;
    await this.ask('close the session', session, () => atm.closeSession(session));
  }

  private async severalSteps(session: SessionBody): Promise<void> {
    const steps = this.options.random.between(...STEPS_OF_A_VISIT);
    for (let step = 0; step < steps && !this.stopped; step++) {
      await this.think();
      await this.step(session);
    }
  }

  private step(session: SessionBody): Promise<void> {
    const { random, friends } = this.options;
    const dice = random.fraction();
    if (dice < 0.25) return this.readBalance(session);
    if (dice < 0.3) return this.readStatement(session);
    if (dice < 0.45) return this.deposit(session);
    if (dice < 0.55 && friends.length > 0) return this.transfer(session, random.pick(friends));
    return this.withdraw(session);
  }

  /** In one step or in two, as a person who types does. */
  private async withdraw(session: SessionBody): Promise<void> {
    const { atm, random } = this.options;
    const amount = this.amount();
    // Whoever leaves has to know what to ask about later.
    if (random.chance(0.5) && this.options.whoHangsUp() !== 'everybody') {
      const asked = await this.stayFor((key) => atm.withdraw(session, amount, key));
      return this.recordWithdrawal(session, amount, asked);
    }
    const selected = await this.ask('select a withdrawal', session, (key) => atm.withdraw(session, undefined, key));
    if (selected.body === null) return;
    const { withdrawalId } = selected.body;
    await this.think();
    if (this.hangsUp()) return this.hangUp(session, withdrawalId, amount);
    const asked = await this.stayFor((key) => atm.enterAmount(session, withdrawalId, amount, key));
    this.recordWithdrawal(session, amount, asked);
  }

  private async stayFor(call: (key: string) => Promise<Answer<WithdrawalBody>>): Promise<Asked<WithdrawalBody>> {
    this.staying = true;
    try {
      return await this.decided(call);
    } finally {
      this.staying = false;
    }
  }

  private hangsUp(): boolean {
    const who = this.options.whoHangsUp();
    return who === 'everybody' || (who === 'some' && this.options.random.chance(0.5));
  }

  /** The customer walks away; the machine asks what became of it. Where the amount never arrived, only the end of the run can tell. */
  private async hangUp(session: SessionBody, withdrawalId: string, amount: number): Promise<void> {
    const { atm, impatient, resigned, clock, whoHangsUp } = this.options;
    const invokedAtMs = clock();
    const leaving = whoHangsUp() === 'everybody' ? resigned : impatient;
    await leaving.enterAmount(session, withdrawalId, amount).catch(() => null);
    let atTheEnd = false;
    const asked = await askUntilDecided(
      clock,
      AFTER_HANGING_UP_MS,
      () => atm.withdrawal(session, withdrawalId),
      ({ state }) => atTheEnd || !UNDER_WAY.has(state),
    );
    atTheEnd = true;
    this.recordWithdrawal(session, amount, { ...asked, invokedAtMs });
  }

  private recordWithdrawal(session: SessionBody, amount: number, asked: Asked<WithdrawalBody>): void {
    this.keep(asked, (one) => ({ kind: 'withdrawal', ...this.head(session, one), amount, withdrawal: one.body }));
  }

  private async deposit(session: SessionBody): Promise<void> {
    const { atm, random, account } = this.options;
    const notes = [
      { denomination: account === 'poor' ? 1_000 : random.pick([1_000, 2_000, 5_000]), count: random.between(1, 3) },
    ];
    const amount = notes.reduce((sum, { denomination, count }) => sum + denomination * count, 0);
    const asked = await this.decided((key) => atm.deposit(session, notes, key));
    this.keep(asked, (one) => ({ kind: 'deposit', ...this.head(session, one), amount, deposit: one.body }));
  }

  private async transfer(session: SessionBody, toAccountId: string): Promise<void> {
    const amount = this.amount();
    const asked = await this.decided((key) => this.options.atm.transfer(session, toAccountId, amount, key));
    this.keep(asked, (one) => ({
      kind: 'transfer',
      ...this.head(session, one),
      amount,
      toAccountId,
      transfer: one.body,
    }));
  }

  private async readBalance(session: SessionBody): Promise<void> {
    const asked = await this.decided(() => this.options.atm.balance(session));
    this.keep(asked, (one) => ({ kind: 'balance', ...this.head(session, one), balance: one.body }));
  }

  private async readStatement(session: SessionBody): Promise<void> {
    const asked = await this.decided(() => this.options.atm.statement(session, 20));
    this.keep(asked, (one) => ({ kind: 'statement', ...this.head(session, one), statement: one.body }));
  }

  private async ask<Body>(
    what: string,
    session: SessionBody | null,
    call: (key: string) => Promise<Answer<Body>>,
  ): Promise<Asked<Body>> {
    const asked = await this.decided(call);
    this.keep(asked, (one) => ({ kind: 'ask', ...this.head(session, one), what }));
    return asked;
  }

  private decided<Body>(call: (key: string) => Promise<Answer<Body>>): Promise<Asked<Body>> {
    return askUntilDecided(this.options.clock, PATIENCE_MS, call);
  }

  private head(session: SessionBody | null, asked: Asked<unknown>): Head {
    const { invokedAtMs, completedAtMs, outcome, refusal, calls } = asked;
    const accountId = session?.account.accountId ?? null;
    return {
      number: this.options.nextNumber(),
      atm: this.options.number,
      accountId,
      invokedAtMs,
      completedAtMs,
      outcome,
      refusal,
      calls,
    };
  }

  private keep<Body>(asked: Asked<Body>, recordOf: (asked: Asked<Body>) => Operation): void {
    const operation = recordOf(asked);
    this.options.record(operation);
    if (asked.outcome !== 'unknown') return;
    this.open.push(async () => {
      const settled = await asked.askOn(PATIENCE_MS);
      this.options.record({ ...recordOf(settled), number: operation.number });
    });
  }

  private amount(): number {
    return this.options.random.pick(AMOUNTS[this.options.account]);
  }

  private think(): Promise<void> {
    const milliseconds = this.options.random.between(...THINK_MS);
    return new Promise((resolve) => setTimeout(resolve, milliseconds));
  }
}

/** States in which it is not decided yet whether there will be cash; the recovery sweep decides where nobody else does. */
const UNDER_WAY: ReadonlySet<WithdrawalBody['state']> = new Set(['awaiting-amount', 'authorising', 'dispensing']);
