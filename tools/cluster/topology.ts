import type { Sizes } from './sizes.js';
import { Refusal } from '../refusal.js';

/** `single`: one account broker has everything. `sharded`: two of them, each with its own database and half of the accounts. */
export type Topology = 'single' | 'sharded';

/** The replicas of one app, or of one of its broker instances; also the entry of `endpoints.json` where they are found. */
export interface Group {
  readonly name: string;
  readonly app: 'gateway' | 'atm-terminal' | 'account';
  readonly size: keyof Sizes;
  /** Broker instance and its database; gateways have neither. */
  readonly broker: { readonly name: string; readonly database: string } | null;
}

const TERMINAL: Group = {
  name: 'atm-terminal',
  app: 'atm-terminal',
  size: 'terminals',
  broker: { name: 'terminal', database: 'terminal' },
};

const GATEWAY: Group = { name: 'gateway', app: 'gateway', size: 'gateways', broker: null };

const account = (broker: string, database: string): Group => ({
  name: broker,
  app: 'account',
  size: 'accounts',
  broker: { name: broker, database },
});

const ACCOUNT_A = account('account-a', 'account_a');
const ACCOUNT_B = account('account-b', 'account_b');

const GROUPS: Readonly<Record<Topology, readonly Group[]>> = {
  single: [ACCOUNT_A, TERMINAL, GATEWAY],
  sharded: [ACCOUNT_A, ACCOUNT_B, TERMINAL, GATEWAY],
};

/** In the order in which they start. */
export const groupsOf = (topology: Topology): readonly Group[] => GROUPS[topology];

/**
 * What the sharded topology tells its replicas, the same as `docker-compose.sharded.yml`: where each demo card and account lives, and
 * whom the terminals' journals are archived with.
 */
const SHARDED_ENVIRONMENT = {
  PLACEMENT: [
    'account-a=4000001000000001..4000001000000050|ACC-0001..ACC-0050',
    'account-b=4000001000000051..4000001000000100|ACC-0051..ACC-0100',
  ].join(','),
  JOURNAL_BROKERS: 'account-a,account-b',
};

export const environmentOf = (topology: Topology): Readonly<Record<string, string>> =>
  topology === 'sharded' ? SHARDED_ENVIRONMENT : {};

/** Throws `Refusal`, in the words of the command line. */
export function checkedTopology(given: string): Topology {
  if (given === 'single' || given === 'sharded') return given;
  throw new Refusal('topology must be single or sharded');
}

/** Kinds of members in the order in which they stop: who is called stops after its callers. */
export const STOP_ORDER: readonly string[] = ['gateway', 'atm-terminal', 'account', 'redis', 'postgres', 'etcd'];

/** Kinds that a rolling restart replaces, in its order. The database is not among them: alone, it cannot be replaced unnoticed. */
export const RESTART_ORDER: readonly string[] = ['account', 'atm-terminal', 'gateway', 'redis'];

export const replicaName = (group: Group, number: number): string => `${group.name}-${number}`;
