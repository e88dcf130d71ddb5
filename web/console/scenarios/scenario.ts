import type { ClusterBody, ClusterMember, WithdrawalBody } from '#contracts';
import { accountId, type DemoCustomers, inHand, type TakenCash } from '../api/bank.js';
import type { Operator } from '../api/operator.js';
import { downIn, processOf } from '../load/repair.js';

export const SCENARIOS = ['after-commit', 'lost-channel', 'power-cut', 'dropped-answer'] as const;
export type ScenarioName = (typeof SCENARIOS)[number];

export type StepName = 'before' | 'fault' | 'cash' | 'victim' | 'settled' | 'ledger' | 'audit' | 'repair';

/** A value in words that a language puts together: its key in the catalog, and what goes into it. */
export type Told = readonly [key: string, ...values: (string | number)[]];

export interface Step {
  readonly name: StepName;
  readonly expected: Told;
  readonly observed: Told;
  readonly ok: boolean;
}

/** What a scenario acts through. */
export interface Stage {
  readonly operator: Pick<Operator, 'account' | 'act' | 'arm' | 'audit' | 'cluster'>;
  readonly customers: Pick<DemoCustomers, 'takeCash' | 'read' | 'leave'>;
  /** Repeats that inboxes have absorbed so far. */
  readonly duplicates: () => number;
  /** Minor units as people read them. */
  readonly format: (minor: number) => string;
  readonly tell: (step: Step) => void;
  readonly pause?: (milliseconds: number) => Promise<void>;
}

/** Cards that nobody else on this page uses, so that the account shows this withdrawal only. */
const CARDS: Readonly<Record<ScenarioName, number>> = {
  'after-commit': 71,
  'lost-channel': 72,
  'power-cut': 73,
  'dropped-answer': 74,
};

/** Where which replicas are made to fail; the point is passed once per withdrawal. */
const FAULTS = {
  'after-commit': { role: 'atm-terminal', point: 'terminal.after-outcome', action: 'kill' },
  'power-cut': { role: 'atm-terminal', point: 'terminal.after-dispense', action: 'kill' },
  'dropped-answer': { role: 'account', point: 'inbox.after-commit', action: 'error' },
} as const;

const AMOUNT = 10_000;

/** The gateways choose the replica; with several of them the armed one is met within a few withdrawals. */
const WITHDRAWALS_MAX = 12;

const SETTLED_MS_MAX = 40_000;
const REPAIRED_MS_MAX = 30_000;
/** Counters are sampled twice a second. */
const COUNTED_MS_MAX = 5_000;
const POLL_MS = 250;

/** Breaks something, takes cash, and compares what came of it with what should. Rejects where a call is refused that must succeed. */
export async function runScenario(name: ScenarioName, stage: Stage): Promise<boolean> {
  const run = new ScenarioRun(name, stage);
  await run.play();
  return run.allAsExpected;
}

class ScenarioRun {
  allAsExpected = true;
  private readonly card: number;
  private readonly pause: (milliseconds: number) => Promise<void>;

  constructor(
    private readonly name: ScenarioName,
    private readonly stage: Stage,
  ) {
    this.card = CARDS[name];
    this.pause = stage.pause ?? ((milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)));
  }

  async play(): Promise<void> {
    const { operator, format } = this.stage;
    const account = accountId(this.card);
    const before = await operator.account(account);
    this.tell('before', ['before'], ['balance', format(before.ledger)], true);
    const duplicates = this.stage.duplicates();
    const atFirst = await operator.cluster();
    const victims = await this.breakSomething(atFirst);
    const taken = await this.takeCash(victims);
    await this.tellVictim(victims);
    await this.tellSettled(taken);
    if (this.name === 'dropped-answer') await this.tellRepeated(duplicates);
    const cash = taken.reduce((sum, { withdrawal }) => sum + inHand(withdrawal), 0);
    const after = await operator.account(account);
    const lower = before.ledger - after.ledger;
    this.tell(
      'ledger',
      ['ledger', format(cash)],
      ['ledger', format(lower)],
      lower === cash && after.held === before.held,
    );
    await this.repair(victims);
    await this.audit();
  }

  /** Answers who will fail. */
  private async breakSomething({ replicas, channels }: ClusterBody): Promise<readonly ClusterMember[]> {
    const { operator } = this.stage;
    if (this.name === 'lost-channel') {
      const channel =
        channels.find(({ role, state }) => role === 'active' && state === 'up') ?? missing('active channel');
      await operator.act(processOf(channel), 'kill');
      this.tell('fault', ['killed', processOf(channel)], ['killed'], true);
      return [channel];
    }
    const { role, point, action } = FAULTS[this.name];
    const up = replicas.filter((one) => one.role === role && one.state === 'up');
    // One replica is enough where it dies of it; an answer is only lost for certain where whoever sends it loses it.
    const victims = action === 'kill' ? up.slice(0, 1) : up;
    if (victims.length === 0) missing(role);
    for (const { name } of victims) await operator.arm({ replica: name, point, action, times: 1 });
    this.tell('fault', ['armed', victims.map(({ name }) => name).join(', '), point], ['armed'], true);
    return victims;
  }

  private async takeCash(victims: readonly ClusterMember[]): Promise<TakenCash[]> {
    const { customers, format } = this.stage;
    const taken: TakenCash[] = [];
    for (;;) {
      const one = await customers.takeCash(this.card, AMOUNT);
      taken.push(one);
      if (taken.length === WITHDRAWALS_MAX || !(this.name in FAULTS) || (await this.hasFailed(victims))) break;
      // One call more each time: replicas that take turns, with whoever else calls them, would else be met by the same half of the calls.
      for (let call = 0; call < taken.length; call++) await customers.read(one);
    }
    const total = taken.reduce((sum, { withdrawal }) => sum + inHand(withdrawal), 0);
    const asked = taken.length * AMOUNT;
    const last = taken.at(-1)?.servedBy ?? '';
    this.tell('cash', ['cash', format(asked)], ['cash', format(total), taken.length, last], total === asked);
    return taken;
  }

  /** Whether a fault has shown: its process is another one or none. What is lost without a death shows in the counters, later. */
  private async hasFailed(victims: readonly ClusterMember[]): Promise<boolean> {
    if (this.name === 'dropped-answer') return true;
    const { replicas } = await this.stage.operator.cluster();
    return victims.some(({ name, pid }) => replicas.find((one) => one.name === name)?.pid !== pid);
  }

  private async tellVictim(victims: readonly ClusterMember[]): Promise<void> {
    const [victim] = victims;
    if (victim === undefined || this.name === 'dropped-answer') return;
    if (this.name === 'lost-channel') return this.tellTurned(victim);
    const found = await this.until(REPAIRED_MS_MAX, async () => {
      const { replicas } = await this.stage.operator.cluster();
      const now = replicas.find(({ name }) => name === victim.name);
      return now?.pid != null && now.pid !== victim.pid && now.state === 'up' ? now : null;
    });
    const observed: Told = found === null ? ['survived', victim.name] : ['died', victim.name, String(found.pid)];
    this.tell('victim', ['died', victim.name], observed, found !== null);
  }

  private async tellTurned(lost: ClusterMember): Promise<void> {
    const other = await this.until(REPAIRED_MS_MAX, async () => {
      const { channels } = await this.stage.operator.cluster();
      const isLost = channels.some(({ name, state }) => name === lost.name && state === 'down');
      return (isLost && channels.find(({ state, load }) => state === 'up' && (load['inUse'] ?? 0) > 0)) || null;
    });
    const observed: Told = other === null ? ['survived', lost.name] : ['turned', other.name];
    this.tell('victim', ['turned'], observed, other !== null);
  }

  private async tellSettled(taken: readonly TakenCash[]): Promise<void> {
    const startedAt = performance.now();
    const states = await Promise.all(taken.map((one) => this.untilSettled(one)));
    const milliseconds = Math.round(performance.now() - startedAt);
    const ok = states.every(({ state }) => state === 'settled');
    this.tell('settled', ['settled'], ok ? ['settled', milliseconds] : ['open'], ok);
    await Promise.all(taken.map((one) => this.stage.customers.leave(one)));
  }

  private async tellRepeated(before: number): Promise<void> {
    const absorbed = () => Math.max(0, this.stage.duplicates() - before);
    await this.until(COUNTED_MS_MAX, async () => (absorbed() > 0 ? true : null));
    this.tell('victim', ['repeated'], ['duplicates', absorbed()], absorbed() > 0);
  }

  private async untilSettled(taken: TakenCash): Promise<WithdrawalBody> {
    let last = taken.withdrawal;
    await this.until(SETTLED_MS_MAX, async () => {
      last = await this.stage.customers.read(taken);
      return ['settled', 'reversed', 'declined'].includes(last.state) ? last : null;
    });
    return last;
  }

  /** What dies of a fault is started again by whoever looks after it; what was killed on purpose is not. */
  private async repair(victims: readonly ClusterMember[]): Promise<void> {
    const { operator } = this.stage;
    if (this.name === 'lost-channel') {
      for (const victim of victims) await operator.act(processOf(victim), 'start');
    }
    await this.until(REPAIRED_MS_MAX, async () => (downIn(await operator.cluster()).length === 0 ? true : null));
    const down = downIn(await operator.cluster()).map(({ name }) => name);
    this.tell('repair', ['repair'], down.length === 0 ? ['repaired'] : ['missing', down.join(', ')], down.length === 0);
  }

  private async audit(): Promise<void> {
    const { balanced, checks } = await this.stage.operator.audit();
    const passed = checks.filter(({ ok }) => ok).length;
    this.tell('audit', ['audit'], ['audit', passed, checks.length], balanced);
  }

  private tell(name: StepName, expected: Told, observed: Told, ok: boolean): void {
    this.allAsExpected &&= ok;
    this.stage.tell({ name, expected, observed, ok });
  }

  /** Null where the time is up; a call that is refused meanwhile is asked again. */
  private async until<Found>(milliseconds: number, look: () => Promise<Found | null>): Promise<Found | null> {
    const deadline = performance.now() + milliseconds;
    for (;;) {
      const found = await look().catch(() => null);
      if (found !== null || performance.now() > deadline) return found;
      await this.pause(POLL_MS);
    }
  }
}

function missing(what: string): never {
  throw new Error(`no ${what} is up`);
}
