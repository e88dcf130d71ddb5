import type { Sizes } from '../cluster/sizes.js';
import { ALL_PARTS, type Part } from './parts.js';

/** How much is measured. */
export interface Plan {
  /** Of every row. */
  readonly seconds: number;
  /**
   * Of what is measured at a given rate, whose slowest answers are of interest: as long as what makes commits wait takes to come back (docs/operations.md). A shorter
   * stretch has it or has it not.
   */
  readonly pacedSeconds: number;
  readonly rounds: number;
  readonly warmUpSeconds: number;
  /** Of load before anything is measured of replicas that may have just started. */
  readonly breakInSeconds: number;
  /** The same of both sides of messaging and peers. */
  readonly sidesBreakInSeconds: number;
  /** Virtual ATMs of the closed loops; the paced one has as many as the last. */
  readonly atms: readonly [few: number, many: number];
  /** Replicas of each app, gateways included. */
  readonly replicas: readonly number[];
  readonly idleSeconds: number;
  readonly failoverRounds: number;
  /** Whether peers are installed where they are missing. */
  readonly installsPeers: boolean;
  readonly growth: { readonly entries: number; readonly unanswered: number };
}

/** Of the parts of a full run. */
const FULL: Omit<Plan, 'seconds' | 'rounds'> = {
  pacedSeconds: 30,
  warmUpSeconds: 1.5,
  // Compilers, caches, connections. Twice as long, and the customers' money is gone before the last round.
  breakInSeconds: 25,
  sidesBreakInSeconds: 10,
  atms: [16, 64],
  replicas: [1, 2, 4],
  idleSeconds: 20,
  failoverRounds: 3,
  installsPeers: true,
  growth: { entries: 1_000_000, unanswered: 100_000 },
};

/** Once and short: whether it works, not how fast it is. */
const SMOKE: Plan = {
  seconds: 1,
  pacedSeconds: 1,
  rounds: 1,
  warmUpSeconds: 0.3,
  breakInSeconds: 0,
  sidesBreakInSeconds: 0,
  atms: [4, 8],
  replicas: [1],
  idleSeconds: 1,
  failoverRounds: 1,
  installsPeers: false,
  growth: { entries: 1_000, unanswered: 200 },
};

export interface PlanOptions {
  readonly smoke: boolean;
  readonly seconds?: number;
  readonly rounds?: number;
  readonly entries?: number;
}

/** Seconds of each row of a full run, and its rounds, where nothing else is asked for. */
export const DEFAULT_SECONDS = 4;
export const DEFAULT_ROUNDS = 3;

export function planOf({ smoke, seconds, rounds, entries }: PlanOptions): Plan {
  const plan = smoke ? SMOKE : { ...FULL, seconds: DEFAULT_SECONDS, rounds: DEFAULT_ROUNDS };
  return {
    ...plan,
    ...(seconds === undefined ? {} : { seconds, pacedSeconds: seconds }),
    ...(rounds === undefined ? {} : { rounds }),
    ...(entries === undefined ? {} : { growth: { ...plan.growth, entries } }),
  };
}

/** The same number of everything. */
export const sizesOf = (replicas: number): Sizes => ({ gateways: replicas, terminals: replicas, accounts: replicas });

/** Parts that are measured where none are named; a short run leaves out those that cannot be short. */
export const partsOf = (smoke: boolean): ReadonlySet<Part> =>
  new Set(ALL_PARTS.filter((part) => !smoke || (part !== 'failover' && part !== 'growth')));
