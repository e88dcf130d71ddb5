import type { ChannelPolicy } from '../src/protocol/channel-spec.js';
import type { RetentionPolicy } from '../src/protocol/retention.js';
import type { Route } from '../src/protocol/routing.js';
import type { Weather } from './channel.js';
import type { Random } from './random.js';

/** Services of the simulated brokers; the one begins dialogs, the other is in several brokers. */
export const INITIATOR_SERVICE = 'branch';
export const TARGET_SERVICE = 'ledger';

/** Broker instance that begins all dialogs. */
export const ORIGIN = 'origin';

/** What a history is made of, drawn from its seed before it begins. */
export interface Plan {
  /** Broker instances of the target service; the origin may be one of them. */
  readonly targets: readonly string[];
  readonly replicasOfOrigin: number;
  readonly replicasPerTarget: number;
  readonly channels: number;
  readonly policy: ChannelPolicy;
  readonly weather: Weather;
  /** Of a process dying at any one point where it may. */
  readonly crashChance: number;
  /** Of a handler not being able to do its work. */
  readonly refusalChance: number;
  /** Of a job being handed to a broker that it is not for. */
  readonly strayingJobs: number;
  /** Failures of whole channels; crashes and standstills at moments rather than at steps. */
  readonly channelFailures: number;
  readonly crashes: number;
  readonly freezes: number;
  /** Of a process standing still with a job in its hand. */
  readonly freezeChance: number;
  readonly retention: RetentionPolicy;
  readonly routes: readonly Route[];
  readonly routeChanges: number;
  readonly dialogs: number;
  readonly lone: number;
  readonly express: number;
  /** Everything goes wrong until then, milliseconds; afterwards nothing does. */
  readonly healsAt: number;
}

/** From a calm day to one on which nothing works for long. */
export function drawPlan(random: Random): Plan {
  const trouble = random.pick([0, 0.3, 0.6, 1]);
  const others = ['a', 'b', 'c'].slice(0, random.between(1, 3));
  const targets = random.chance(0.2) ? [...others, ORIGIN] : others;
  const some = (most: number) => random.between(0, Math.round(most * trouble));
  return {
    targets,
    replicasOfOrigin: random.between(1, 2),
    replicasPerTarget: random.between(1, 2),
    channels: random.between(2, 3),
    policy: random.pick(['active-passive', 'active-active']),
    weather: {
      loss: 0.3 * trouble * random.fraction(),
      repetition: 0.3 * trouble * random.fraction(),
      delayMsMax: random.pick([3, 50, 1_000, 4_000]),
      straying: 0.1 * trouble * random.fraction(),
    },
    crashChance: random.chance(0.6) ? 0.03 * trouble * random.fraction() : 0,
    refusalChance: 0.2 * trouble * random.fraction(),
    strayingJobs: random.chance(0.3) ? 0.05 * trouble : 0,
    channelFailures: some(4),
    crashes: some(3),
    freezes: some(2),
    freezeChance: random.chance(0.4) ? 0.03 * trouble : 0,
    retention: { channelLifetimeMs: random.pick([3_000, 6_000]), clockSkewMsMax: 1_000 },
    routes: drawRoutes(random, targets),
    routeChanges: random.chance(0.5) ? random.between(1, 4) : 0,
    dialogs: random.between(1, 3),
    lone: random.between(0, 2),
    express: random.between(0, 1),
    healsAt: random.pick([3_000, 10_000, 20_000]),
  };
}

/** Routes that name brokers, one that leaves the broker to the next hop, or both. */
export function drawRoutes(random: Random, targets: readonly string[]): Route[] {
  const named = targets.filter(() => random.chance(0.6)).map((broker) => routeTo(broker));
  const open = random.chance(0.35) || named.length === 0 ? [routeTo(null)] : [];
  return [...named, ...open];
}

const routeTo = (broker: string | null): Route => ({ service: TARGET_SERVICE, broker, channels: [] });
