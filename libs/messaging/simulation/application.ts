import { type DialogSide, stateOf } from '../src/protocol/dialog/index.js';
import { type Ending, type Side } from './observation.js';
import { INITIATOR_SERVICE, type Plan, TARGET_SERVICE } from './plan.js';
import type { Random } from './random.js';
import { type Handler, Refusal, type Replica } from './replica.js';
import type { SimulatedTransaction } from './transaction.js';

/** Until somebody tries again who found no process or whose transaction was rolled back, milliseconds. */
const PATIENCE_MS = 300;

/** Of a caller rolling back its transaction after sending. */
const ROLL_BACK_CHANCE = 0.05;

/** Of an end that is told of the other's end saying something before it is over. */
const LAST_WORD_CHANCE = 0.3;

/** What one dialog is to be, as its two applications have it in mind. */
interface Script {
  readonly toBroker: string | null;
  /** Sizes of the transactions in which the initiator sends. */
  readonly rounds: readonly number[];
  readonly pauseMsMax: number;
  readonly endedBy: 'nobody' | Side | 'both';
  /** Of the target sending something for a message that it applies. */
  readonly replyChance: number;
}

/** The applications at both ends of all dialogs of a history: what they send, answer and end. */
export class Applications implements Handler {
  /** Scripts that are not played to their end. */
  unfinished = 0;
  private payloads = 0;
  private answers = 0;
  private readonly scripts = new Map<string, Script>();

  constructor(
    private readonly plan: Plan,
    private readonly random: Random,
    /** A living process of the origin, or null. */
    private readonly anyone: () => Replica | null,
    /** Whether things still go wrong. */
    private readonly isTroubled: () => boolean,
    private readonly later: (delayMs: number, act: () => void) => void,
  ) {}

  /** Plans everything that the initiating application does. */
  begin(): void {
    const { plan, random } = this;
    const within = (act: () => void) => {
      this.unfinished++;
      this.later(random.between(0, plan.healsAt / 2), act);
    };
    for (let count = 0; count < plan.dialogs; count++) within(() => this.play(this.drawScript()));
    for (let count = 0; count < plan.lone; count++) within(() => this.sendAlone(random.pick(plan.targets)));
    for (let count = 0; count < plan.express; count++) within(() => this.ask(random.pick(plan.targets)));
  }

  apply(replica: Replica, tx: SimulatedTransaction, message: { dialogId: string; side: DialogSide | null }): string {
    this.mayRefuse('a handler');
    if (message.side === 'initiator') this.reply(replica, tx, message.dialogId);
    return this.newAnswer();
  }

  ended(replica: Replica, tx: SimulatedTransaction, { dialogId, side }: { dialogId: string; side: DialogSide }): void {
    this.mayRefuse('a handler of ends');
    if (!isOpen(replica, dialogId, side) || !this.random.chance(LAST_WORD_CHANCE)) return;
    replica.source.send(tx, dialogId, side, this.newPayload(), null);
    if (this.random.chance(0.5)) replica.source.end(tx, dialogId, side, this.drawEnding());
  }

  answered(): void {
    this.mayRefuse('a handler of answers');
  }

  serve(): string {
    return this.newAnswer();
  }

  private drawScript(): Script {
    const { random, plan } = this;
    return {
      toBroker: random.chance(0.3) ? random.pick(plan.targets) : null,
      rounds: Array.from({ length: random.between(1, 4) }, () => random.between(1, 3)),
      pauseMsMax: random.pick([0, 100, 5_000]),
      endedBy: random.pick(['nobody', 'initiator', 'initiator', 'target', 'both']),
      replyChance: random.pick([0, 0.3, 1]),
    };
  }

  private play(script: Script): void {
    let dialogId = '';
    this.untilDone(
      (replica, tx) => {
        dialogId = replica.source.begin(tx, INITIATOR_SERVICE, TARGET_SERVICE, script.toBroker);
        this.send(replica, tx, dialogId, script, script.rounds[0] ?? 1);
      },
      () => {
        this.scripts.set(dialogId, script);
        this.goOn(dialogId, script, 1);
      },
    );
  }

  private goOn(dialogId: string, script: Script, round: number): void {
    const size = script.rounds[round];
    const ends = script.endedBy === 'initiator' || script.endedBy === 'both';
    if (size === undefined && !ends) return void this.unfinished--;
    this.later(this.random.between(0, script.pauseMsMax), () =>
      this.untilDone(
        (replica, tx) => {
          if (!isOpen(replica, dialogId, 'initiator')) return;
          if (size === undefined) replica.source.end(tx, dialogId, 'initiator', this.drawEnding());
          else this.send(replica, tx, dialogId, script, size);
        },
        () => (size === undefined ? void this.unfinished-- : this.goOn(dialogId, script, round + 1)),
      ),
    );
  }

  /** The target sends on the dialog whose message it handles, and may end it. */
  private reply(replica: Replica, tx: SimulatedTransaction, dialogId: string): void {
    const script = this.scripts.get(dialogId);
    if (script === undefined || !isOpen(replica, dialogId, 'target')) return;
    for (let count = 0; count < 2 && this.random.chance(script.replyChance); count++) {
      replica.source.send(tx, dialogId, 'target', this.newPayload(), null);
    }
    const ends = script.endedBy === 'target' || script.endedBy === 'both';
    if (ends && this.random.chance(0.3)) replica.source.end(tx, dialogId, 'target', this.drawEnding());
  }

  private send(replica: Replica, tx: SimulatedTransaction, dialogId: string, script: Script, size: number): void {
    for (let count = 0; count < size; count++) {
      replica.source.send(tx, dialogId, 'initiator', this.newPayload(), script.toBroker);
    }
    if (this.random.chance(ROLL_BACK_CHANCE)) throw new Refusal('the caller changes its mind');
  }

  private sendAlone(toBroker: string): void {
    this.untilDone(
      (replica, tx) => replica.source.sendAlone(tx, INITIATOR_SERVICE, TARGET_SERVICE, toBroker, this.newPayload()),
      () => void this.unfinished--,
    );
  }

  private ask(toBroker: string): void {
    this.anyone()?.asking.ask(TARGET_SERVICE, toBroker);
    this.unfinished--;
  }

  /** Does `work` in a transaction of a living process, again and again until one commits. */
  private untilDone(work: (replica: Replica, tx: SimulatedTransaction) => void, done: () => void): void {
    const replica = this.anyone();
    const isDone = replica?.transact('application', (tx) => work(replica, tx)) ?? false;
    if (isDone) return done();
    this.later(PATIENCE_MS, () => this.untilDone(work, done));
  }

  private mayRefuse(who: string): void {
    if (this.isTroubled() && this.random.chance(this.plan.refusalChance)) throw new Refusal(`${who} throws`);
  }

  private drawEnding(): Ending {
    return this.random.chance(0.5) ? null : `reason ${++this.payloads}`;
  }

  private newPayload(): string {
    return `m${++this.payloads}`;
  }

  private newAnswer(): string {
    return `answer ${++this.answers}`;
  }
}

function isOpen(replica: Replica, dialogId: string, side: DialogSide): boolean {
  const endpoint = replica.broker.store.endpoint(dialogId, side);
  return endpoint !== null && stateOf(endpoint) === 'open';
}
