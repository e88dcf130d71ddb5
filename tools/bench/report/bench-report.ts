import type { FailoverTime } from '../../chaos/failover-times/measure.js';
import type { AuditVerdict } from '../audit-when-quiet.js';
import type { RedisLoss } from '../delivery/lose-redis.js';
import type { DeliveryFigures } from '../delivery/measure-delivery.js';
import type { Entry } from '../delivery/contestants/contestants.js';
import type { Machine } from '../environment/machine.js';
import type { ServerSettings } from '../environment/durability.js';
import type { PathFigures } from '../full-path/measure-path.js';
import type { GrowthReport } from '../growth/growth.js';
import type { IdleCost } from '../idle/idle.js';
import type { StartUp } from '../idle/start-up.js';
import type { Sizes } from '../../cluster/sizes.js';

/** Medians of some rounds, with what the rounds themselves reached. */
export type Measured<Figures extends { readonly perSecond: number }> = Figures & {
  readonly roundsPerSecond: readonly number[];
};

/** Something that could not be measured here, and why. */
export interface Missing {
  readonly missing: string;
}

export const isMissing = (result: object): result is Missing => 'missing' in result;

export interface PathRow {
  readonly sizes: Sizes;
  readonly atms: number;
  /** Withdrawals per second that were asked for; null where each ATM asks again as soon as it is answered. */
  readonly paced: number | null;
  readonly figures: Measured<PathFigures>;
}

export interface DeliveryRow extends Entry {
  /** Name and version, as it is published. */
  readonly name: string;
  readonly result: Measured<DeliveryFigures> | Missing;
}

/** The same processes and the same load, once on one account broker and once spread over two. */
export interface BrokerRow {
  readonly brokers: number;
  readonly figures: Measured<PathFigures>;
}

/** Everything that one run has measured; null what was not asked for. Also the JSON of `./cashpoint bench`. */
export interface BenchReport {
  readonly format: 1;
  /** ISO 8601. */
  readonly at: string;
  readonly seconds: number;
  /** Of the rows at a quarter of the load. */
  readonly pacedSeconds: number;
  readonly rounds: number;
  readonly tookSeconds: number;
  readonly machine: Machine;
  readonly servers: readonly ServerSettings[];
  readonly limit: Measured<{ readonly perSecond: number }> | Missing | null;
  readonly path: readonly PathRow[] | null;
  readonly messaging: DeliveryRow | null;
  /** What the messaging library made of the loss of its Redis; null as well where there is none. */
  readonly redisLoss: RedisLoss | null;
  readonly peers: readonly DeliveryRow[] | null;
  readonly idle: { readonly cost: IdleCost; readonly startUps: readonly StartUp[] } | null;
  readonly replicas: readonly PathRow[] | null;
  readonly brokers: readonly BrokerRow[] | null;
  readonly failovers: { readonly target: string; readonly times: readonly FailoverTime[] } | null;
  readonly growth: GrowthReport | null;
  readonly audits: readonly AuditVerdict[];
  /** What makes the run fail, in words: settings that are not durable, audits that are not clean, money that was lost or doubled, calls that failed. */
  readonly violations: readonly string[];
}
