import type { Contestant, Style } from '../contestant.js';

/** One row of the comparison. */
export interface Entry {
  readonly contestant: ContestantName;
  readonly style: Style;
}

/** Loads a contestant's code, and with it its packages, only where it is measured. */
const CONTESTANTS = {
  cashpoint: async () => (await import('./cashpoint.js')).cashpoint,
  bullmq: async () => (await import('./bullmq.js')).bullmq,
  'pg-boss': async () => (await import('./pg-boss.js')).pgBoss,
  'graphile-worker': async () => (await import('./graphile-worker.js')).graphileWorker,
  dbos: async () => (await import('./dbos.js')).dbos,
} satisfies Record<string, () => Promise<(style: Style) => Contestant>>;

export type ContestantName = keyof typeof CONTESTANTS;

/** Package that each peer is, of those that come from a lockfile of their own. */
export const PEER_PACKAGES: Readonly<Partial<Record<ContestantName, string>>> = {
  'pg-boss': 'pg-boss',
  'graphile-worker': 'graphile-worker',
  dbos: '@dbos-inc/dbos-sdk',
};

/** The messaging library of this repository. */
export const OWN: Entry = { contestant: 'cashpoint', style: 'grouped' };

export const PEERS: readonly Entry[] = [
  { contestant: 'bullmq', style: 'documented' },
  { contestant: 'bullmq', style: 'grouped' },
  { contestant: 'pg-boss', style: 'documented' },
  { contestant: 'pg-boss', style: 'grouped' },
  { contestant: 'graphile-worker', style: 'documented' },
  { contestant: 'graphile-worker', style: 'grouped' },
  { contestant: 'dbos', style: 'documented' },
];

export const loadContestant = async ({ contestant, style }: Entry): Promise<Contestant> =>
  (await CONTESTANTS[contestant]())(style);
