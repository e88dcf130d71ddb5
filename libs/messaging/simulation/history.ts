import type { ChannelPolicy } from '../src/protocol/channel-spec.js';
import type { RetentionPolicy } from '../src/protocol/retention.js';
import { Applications } from './application.js';
import { FINE, type Job, SimulatedChannel } from './channel.js';
import type { Observation } from './observation.js';
import { Oracle, type Violation } from './oracle.js';
import { drawPlan, drawRoutes, INITIATOR_SERVICE, ORIGIN, type Plan, TARGET_SERVICE } from './plan.js';
import { PROTECTED, type Protections } from './protocol.js';
import { Random } from './random.js';
import type { Landmark } from './landmarks.js';
import { type Broker, FREEZE_MS_MAX, Replica, type Surroundings } from './replica.js';
import { Store } from './store.js';
import { VirtualTime } from './virtual-time.js';

/** After everything works again, everything has to be done within this time, milliseconds: several of the longest waits between re-sends. */
const RECOVERY_MS_MAX = 600_000;

/** After everything is done, what strays on the channels arrives and what is not needed is forgotten within this time, milliseconds. */
const AFTERMATH_MS = 36_000;

/** Longest failure of a channel, milliseconds. */
const OUTAGE_MS_MAX = 20_000;

const MINUTE_MS = 60_000;

/** Until every process knows changed routes, milliseconds; each learns of them at another moment. */
const NOTICE_MS_MAX = 1_000;

export interface HistoryOptions {
  readonly protections?: Protections;
  /** In the place of what the seed draws. */
  readonly plan?: Partial<Plan>;
  /** Told everything that happens. */
  readonly trace?: (line: string) => void;
}

export interface HistoryResult {
  readonly violations: readonly Violation[];
  /** Rows that nobody needs any more and that are there all the same. */
  readonly leftovers: readonly string[];
  /** Most processed messages that any one broker remembered at any full minute. */
  readonly mostProcessed: number;
  /** Messages that were applied. */
  readonly applied: number;
  /** How often what happened. */
  readonly landmarks: ReadonlyMap<Landmark, number>;
  readonly steps: number;
}

/** Lets one history happen and judges it. The same seed and protections give the same history, whatever is traced. */
export function runHistory(seed: number, options: HistoryOptions = {}): HistoryResult {
  return new History(seed, options).run();
}

class History implements Surroundings {
  readonly time = new VirtualTime();
  readonly random: Random;
  readonly channels: readonly SimulatedChannel[];
  readonly protections: Protections;
  readonly retention: RetentionPolicy;
  freezeChance: number;
  crashChance: number;
  readonly policy: ChannelPolicy;
  private readonly plan: Plan;
  private readonly oracle = new Oracle();
  private readonly replicas: readonly Replica[];
  private readonly brokers: readonly Broker[];
  private readonly applications: Applications;
  private readonly landmarks = new Map<Landmark, number>();
  private troubled = true;
  private steps = 0;
  private applied = 0;
  private mostProcessed = 0;

  constructor(
    seed: number,
    private readonly options: HistoryOptions,
  ) {
    this.random = new Random(seed);
    this.protections = options.protections ?? PROTECTED;
    this.plan = { ...drawPlan(this.random), ...options.plan };
    this.crashChance = this.plan.crashChance;
    this.policy = this.plan.policy;
    this.retention = this.plan.retention;
    this.freezeChance = this.plan.freezeChance;
    this.channels = Array.from({ length: this.plan.channels }, (_, index) => this.newChannel(`channel-${index}`));
    this.applications = this.newApplications();
    this.brokers = [...new Set([ORIGIN, ...this.plan.targets])].map((name) => this.newBroker(name));
    this.replicas = this.brokers.flatMap((broker) => this.newReplicas(broker));
  }

  run(): HistoryResult {
    this.tell('plan', () => JSON.stringify(this.plan));
    for (const replica of this.replicas) replica.start();
    this.applications.begin();
    this.planTrouble();
    this.lookAtInboxes();
    this.time.after(this.plan.healsAt, () => this.heal());
    while (this.troubled) this.step(Infinity);
    const latest = this.plan.healsAt + RECOVERY_MS_MAX;
    while (!this.isAtRest() && this.step(latest));
    const end = this.time.now() + AFTERMATH_MS;
    while (this.step(end));
    this.oracle.judgeAtRest();
    for (const { rule, detail } of this.oracle.violations) this.tell('oracle', () => `objects: ${rule}: ${detail}`);
    const leftovers = this.brokers.flatMap(({ name, store }) =>
      [...store.waiting(), ...store.forgettable()].map((row) => `${name}: ${row}`),
    );
    for (const row of leftovers) this.tell('plan', () => `finds left over: ${row}`);
    const { landmarks, mostProcessed, applied, steps } = this;
    return { violations: this.oracle.violations, leftovers, mostProcessed, applied, landmarks, steps };
  }

  see(observation: Observation): void {
    if (observation.kind === 'applied') this.applied++;
    this.tell('application', () => JSON.stringify(observation));
    this.oracle.see(observation);
  }

  reach(landmark: Landmark): void {
    this.landmarks.set(landmark, (this.landmarks.get(landmark) ?? 0) + 1);
  }

  tell(who: string, what: () => string): void {
    this.options.trace?.(`${String(this.time.now()).padStart(8)} ms  ${who.padEnd(12)} ${what()}`);
  }

  private step(until: number): boolean {
    this.steps++;
    return this.time.step(until);
  }

  private isAtRest(): boolean {
    return this.applications.unfinished === 0 && this.brokers.every(({ store }) => store.isAtRest);
  }

  /** Failures of channels, crashes and route changes at any moment before `healsAt`. */
  private planTrouble(): void {
    const { plan, random, time } = this;
    const some = (count: number, act: () => void) => {
      for (let one = 0; one < count; one++) time.after(random.between(0, plan.healsAt - 1), act);
    };
    some(plan.channelFailures, () => this.failChannel());
    some(plan.crashes, () => random.pick(this.replicas).crash('suddenly'));
    some(plan.freezes, () => random.pick(this.replicas).freeze(random.between(1_000, FREEZE_MS_MAX)));
    some(plan.routeChanges, () => this.changeRoutes());
  }

  private lookAtInboxes(): void {
    this.time.after(MINUTE_MS, () => {
      this.mostProcessed = Math.max(this.mostProcessed, ...this.brokers.map(({ store }) => store.processed.size));
      if (this.troubled) this.lookAtInboxes();
    });
  }

  private failChannel(): void {
    const { random, time } = this;
    const channel = random.pick(this.channels);
    const how = random.pick(['dead', 'dead', 'deaf'] as const);
    channel.fail(how);
    this.tell(channel.name, () => `is ${how}`);
    const downMs = random.between(1, Math.min(this.plan.healsAt, OUTAGE_MS_MAX));
    time.after(downMs, () => this.revive(channel, random.chance(0.5)));
  }

  private revive(channel: SimulatedChannel, remembers: boolean): void {
    this.tell(channel.name, () => `comes back ${remembers ? 'with' : 'without'} what it held`);
    channel.revive(remembers);
  }

  private changeRoutes(): void {
    const origin = this.brokers[0];
    if (origin === undefined) return;
    origin.store.routes = drawRoutes(this.random, this.plan.targets);
    this.tell('operator', () => `changes the routes to ${JSON.stringify(origin.store.routes)}`);
    for (const replica of this.replicas) {
      if (replica.broker === origin) replica.later(this.random.between(0, NOTICE_MS_MAX), () => replica.readRoutes());
    }
  }

  private heal(): void {
    this.tell('plan', () => 'from now on nothing goes wrong');
    this.troubled = false;
    this.crashChance = 0;
    this.freezeChance = 0;
    for (const channel of this.channels) {
      channel.weather = FINE;
      this.revive(channel, true);
    }
  }

  private newChannel(name: string): SimulatedChannel {
    const channel = new SimulatedChannel(name, this.time, this.random, (job, from) => this.deliver(job, from));
    channel.weather = this.plan.weather;
    return channel;
  }

  /** To any living process that reads the queue; in trouble also to one that does not. */
  private deliver(job: Job, channel: SimulatedChannel): boolean {
    const strays = this.troubled && this.random.chance(this.plan.strayingJobs);
    const readers = this.replicas.filter((replica) => (strays ? replica.up : replica.reads(job.queue)));
    if (readers.length === 0) return false;
    this.random.pick(readers).take(job, channel);
    return true;
  }

  private newApplications(): Applications {
    const { plan, random, time } = this;
    const anyone = () => {
      const living = this.replicas.filter(({ up, broker }) => up && broker.name === ORIGIN);
      return living.length === 0 ? null : random.pick(living);
    };
    return new Applications(plan, random, anyone, () => this.troubled, time.after.bind(time));
  }

  private newBroker(name: string): Broker {
    const store = new Store();
    store.routes = this.plan.routes;
    const services = [
      ...(name === ORIGIN ? [INITIATOR_SERVICE] : []),
      ...(this.plan.targets.includes(name) ? [TARGET_SERVICE] : []),
    ];
    const { clockSkewMsMax } = this.retention;
    const clockErrorMs = this.random.between(-clockSkewMsMax / 2, clockSkewMsMax / 2);
    return { name, clockErrorMs, services, store, handler: this.applications };
  }

  private newReplicas(broker: Broker): Replica[] {
    const { replicasOfOrigin, replicasPerTarget } = this.plan;
    const count = broker.name === ORIGIN ? replicasOfOrigin : replicasPerTarget;
    return Array.from({ length: count }, (_, index) => new Replica(broker, index + 1, this));
  }
}
