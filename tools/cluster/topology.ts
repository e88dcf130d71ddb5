import type { Sizes } from './sizes.js';

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

export const GROUPS: readonly Group[] = [account('account-a', 'account_a'), TERMINAL, GATEWAY];

/** Kinds of members in the order in which they stop: who is called stops after its callers. */
export const STOP_ORDER: readonly string[] = ['gateway', 'atm-terminal', 'account', 'redis', 'postgres'];

export const replicaName = (group: Group, number: number): string => `${group.name}-${number}`;
