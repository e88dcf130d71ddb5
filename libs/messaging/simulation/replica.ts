import type { ChannelPolicy } from '../src/protocol/channel-spec.js';
import { answerQueue, expressAnswerQueue, requestQueue } from '../src/protocol/queue-names.js';
import type { DialogSide } from '../src/protocol/dialog/index.js';
import type { Job, SimulatedChannel } from './channel.js';
import { Asking } from './asking.js';
import type { Landmark } from './landmarks.js';
import { Forgetting } from './forgetting.js';
import { Inbox } from './inbox.js';
import type { Observation } from './observation.js';
import { described, type Parcel } from './parcel.js';
import type { RetentionPolicy } from '../src/protocol/retention.js';
import type { Route } from '../src/protocol/routing.js';
import type { Protections } from './protocol.js';
import type { Random } from './random.js';
import { Sender } from './sender.js';
import { Source } from './source.js';
import type { Store } from './store.js';
import { SimulatedTransaction } from './transaction.js';
import type { VirtualTime } from './virtual-time.js';

/** A broker instance: one database, read and written by all its replicas. */
export interface Broker {
  readonly name: string;
  readonly services: readonly string[];
  readonly store: Store;
  readonly handler: Handler;
  /** How far its clock is from the true time, milliseconds. */
  readonly clockErrorMs: number;
}

/** The application behind a service. */
export interface Handler {
  /** Runs in the transaction of the message; what it returns is the answer. Throws `Refusal` to have all of it undone. */
  apply(replica: Replica, tx: SimulatedTransaction, message: { dialogId: string; side: DialogSide | null }): string;
  /** Runs in the transaction in which this end, `side`, is told that the other has ended the dialog. */
  ended(replica: Replica, tx: SimulatedTransaction, dialog: { dialogId: string; side: DialogSide }): void;
  /** Runs in the transaction of the answer; may throw `Refusal`. */
  answered(tx: SimulatedTransaction): void;
  /** Answers an express request. */
  serve(): string;
}

/** A handler that cannot do its work at the moment. */
export class Refusal extends Error {}

/** What all replicas of a history share. */
export interface Surroundings {
  readonly time: VirtualTime;
  readonly random: Random;
  readonly channels: readonly SimulatedChannel[];
  readonly policy: ChannelPolicy;
  readonly protections: Protections;
  readonly retention: RetentionPolicy;
  /** Probability that a process stands still with a job in its hand. */
  freezeChance: number;
  /** Probability that a process dies at any one point where it may. */
  crashChance: number;
  see(observation: Observation): void;
  tell(who: string, what: () => string): void;
  reach(landmark: Landmark): void;
}

/** Longest time that a process is down after a crash, milliseconds. */
const DOWN_MS_MAX = 8_000;

/** Longest time that a process stands still, milliseconds. */
export const FREEZE_MS_MAX = 15_000;

/** One process of a broker instance. Dies between any two of its steps, and forgets everything that is not in the store. */
export class Replica {
  up = false;
  sender!: Sender;
  source!: Source;
  asking!: Asking;
  readonly name: string;
  /** As this process knows them. */
  routes: readonly Route[] = [];
  private life = 0;
  private frozenUntil = 0;
  private readonly queues: ReadonlySet<string>;
  private inbox!: Inbox;
  private forgetting!: Forgetting;
  /** Jobs taken from a channel and not finished. */
  private readonly inHand = new Map<Job, SimulatedChannel>();

  constructor(
    readonly broker: Broker,
    number: number,
    private readonly surroundings: Surroundings,
  ) {
    this.name = `${broker.name}-${number}`;
    const requests = broker.services.flatMap((service) => [service, requestQueue(service, broker.name)]);
    this.queues = new Set([...requests, answerQueue(broker.name), expressAnswerQueue(broker.name, this.name)]);
  }

  get random(): Random {
    return this.surroundings.random;
  }

  get protections(): Protections {
    return this.surroundings.protections;
  }

  get retention(): RetentionPolicy {
    return this.surroundings.retention;
  }

  /** What the machine takes for the time. */
  wallClock(): number {
    return this.now() + this.broker.clockErrorMs;
  }

  now(): number {
    return this.surroundings.time.now();
  }

  tell(what: () => string): void {
    this.surroundings.tell(this.name, what);
  }

  see(observation: Observation): void {
    this.surroundings.see(observation);
  }

  reach(landmark: Landmark): void {
    this.surroundings.reach(landmark);
  }

  /** Routes are read at the start and whenever a change is noticed. */
  readRoutes(): void {
    this.routes = this.broker.store.routes;
  }

  start(): void {
    this.up = true;
    this.readRoutes();
    this.tell(() => 'starts');
    this.sender = new Sender(this, this.surroundings.channels, this.surroundings.policy);
    this.source = new Source(this);
    this.inbox = new Inbox(this);
    this.asking = new Asking(this);
    this.forgetting = new Forgetting(this);
    for (const channel of this.surroundings.channels) channel.release();
  }

  crash(where: string): void {
    if (!this.up) return;
    this.tell(() => `dies ${where}`);
    this.up = false;
    this.life++;
    this.frozenUntil = 0;
    this.asking.forget();
    for (const [job, channel] of this.inHand) if (this.random.chance(0.7)) channel.giveBack(job);
    this.inHand.clear();
    this.surroundings.time.after(this.random.between(1, DOWN_MS_MAX), () => this.start());
  }

  /** The process stands still and goes on later as if nothing were; its jobs count as stalled and come again elsewhere. */
  freeze(durationMs: number): void {
    if (!this.up) return;
    this.tell(() => `stands still for ${durationMs} ms`);
    this.reach('a process stood still');
    this.frozenUntil = this.now() + durationMs;
    for (const [job, channel] of this.inHand) channel.giveBack(job);
  }

  /** Whether the process dies here. Whoever asks stops where it does. */
  diesAt(step: string): boolean {
    if (!this.random.chance(this.surroundings.crashChance)) return false;
    this.crash(step);
    return true;
  }

  /** Goes on later, unless the process dies before. */
  later(delayMs: number, act: () => void): void {
    const { life } = this;
    this.surroundings.time.after(delayMs, () => {
      if (life !== this.life) return;
      if (this.now() < this.frozenUntil) this.later(this.frozenUntil - this.now(), act);
      else act();
    });
  }

  /** False where the work threw `Refusal` or the process died before the commit; nothing has happened then. */
  transact(name: string, work: (tx: SimulatedTransaction) => void): boolean {
    const tx = new SimulatedTransaction();
    try {
      work(tx);
    } catch (error) {
      tx.rollBack();
      if (!(error instanceof Refusal)) throw error;
      this.tell(() => `rolls back ${name}: ${error.message}`);
      this.reach('a transaction was rolled back');
      return false;
    }
    if (this.diesAt(`before commit of ${name}`)) {
      this.reach('a process died before its commit');
      tx.rollBack();
      return false;
    }
    for (const observation of tx.seen) this.see(observation);
    if (this.diesAt(`after commit of ${name}`)) this.reach('a process died after its commit');
    else tx.runHooks();
    return true;
  }

  reads(queue: string): boolean {
    return this.up && this.queues.has(queue);
  }

  /** Takes a job from a channel. */
  take(job: Job, channel: SimulatedChannel): void {
    this.inHand.set(job, channel);
    const { looksInTransaction } = this.protections;
    const taken = job.parcels.filter(
      (parcel) => looksInTransaction || parcel.kind !== 'message' || !this.inbox.isStale(parcel),
    );
    if (this.random.chance(this.surroundings.freezeChance)) this.freeze(this.random.between(1_000, FREEZE_MS_MAX));
    this.later(this.random.between(0, 3), () => {
      const ours = taken.filter((parcel) => this.isOurs(parcel));
      this.inbox.receive(ours.filter((parcel) => parcel.kind === 'message'));
      for (const parcel of ours) if (this.up && parcel.kind !== 'message') this.open(parcel);
      if (this.up) this.inHand.delete(job);
    });
  }

  private isOurs(parcel: Parcel): boolean {
    const isMeant = this.protections.isMeant(parcel.toBroker, this.broker.name);
    if (!isMeant) this.reach('an envelope for another broker was dropped');
    this.tell(() => `${isMeant ? 'receives' : 'drops what is for another broker:'} ${described(parcel)}`);
    return isMeant;
  }

  private open(parcel: Exclude<Parcel, { kind: 'message' }>): void {
    switch (parcel.kind) {
      case 'refusal':
        return this.inbox.refused(parcel.dialogId, parcel.fromBroker);
      case 'answer':
        return this.source.answered(parcel.inReplyTo, parcel.body);
      case 'acknowledgement':
        return this.source.acknowledged(parcel.dialogId, parcel.fromBroker);
      case 'retention':
        return this.forgetting.question(parcel);
      case 'retention-answer':
        return this.forgetting.answered(parcel);
      case 'express':
        return this.asking.serve(parcel);
      case 'express-answer':
        return this.asking.answered(parcel.inReplyTo, parcel.body);
    }
  }
}
