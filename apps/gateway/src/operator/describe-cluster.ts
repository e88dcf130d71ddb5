import type { ClusterBody, ClusterMember } from '#contracts';
import type { ReplicaStatus } from './replica-status.js';

/** One process of the cluster as it was found: its status, or null where it did not answer. */
export interface FoundProcess {
  /** What it is called as long as it has not said its name. */
  readonly name: string;
  readonly role: 'gateway' | 'atm-terminal' | 'account';
  readonly broker: string;
  readonly status: ReplicaStatus | null;
}

const SERVICES = { 'atm-terminal': ['atm'], account: ['account'] } as const;

/** The operator's view, put together from what every process says of itself and of what it uses. */
export function describeCluster(processes: readonly FoundProcess[]): ClusterBody {
  const replicas = processes.filter(({ role }) => role !== 'gateway');
  const statuses = replicas.flatMap(({ status }) => (status === null ? [] : [status]));
  return {
    gateways: processes.filter(({ role }) => role === 'gateway').map(memberOf),
    replicas: replicas.map((found) => ({ ...memberOf(found), broker: brokerOf(found) })),
    brokers: describeBrokers(replicas),
    channels: describeChannels(statuses),
    databases: describeDatabases(statuses),
  };
}

const brokerOf = ({ status, broker }: FoundProcess) => status?.broker ?? broker;

function memberOf({ name, role, status }: FoundProcess): ClusterMember {
  const kind = role === 'gateway' ? 'gateway' : 'replica';
  if (status === null) return { name, kind, role, state: 'down', pid: null, version: null, load: {} };
  const { state, pid, version, load, messaging } = status;
  // Readers at work, bundles of messages that wait for the broker's replicas, and how many of these there should be.
  return { name: status.name, kind, role, state, pid, version, load: { ...load, ...messaging?.activation } };
}

function describeBrokers(replicas: readonly FoundProcess[]): ClusterBody['brokers'] {
  return [...groupBy(replicas, brokerOf)].map(([name, members]) => {
    const up = members.filter(({ status }) => status?.state === 'up').length;
    const roles = new Set(members.map(({ role }) => role));
    const services = [...roles].flatMap((role) => (role === 'gateway' ? [] : SERVICES[role]));
    return { name, services, replicas: up, role: 'active', state: up > 0 ? 'up' : 'down' };
  });
}

/**
 * A channel is up where any replica can use it. `load`: replicas that send on it now, times that one had to turn away from it,
 * how long that took at most the last time, and how long a canary takes through it.
 */
function describeChannels(statuses: readonly ReplicaStatus[]): ClusterMember[] {
  const seen = statuses.flatMap(({ messaging }) => messaging?.channels ?? []);
  return [...groupBy(seen, ({ name }) => name)].map(([name, views]) => ({
    name,
    kind: views[0]?.kind ?? '',
    role: views[0]?.role ?? '',
    state: views.some(({ state }) => state === 'up') ? 'up' : 'down',
    pid: null,
    version: null,
    load: {
      inUse: views.filter(({ inUse }) => inUse).length,
      failovers: views.reduce((total, { failovers }) => total + failovers, 0),
      lastFailoverSeconds: Math.max(0, ...views.map(({ lastFailoverSeconds }) => lastFailoverSeconds ?? 0)),
      canarySeconds: Math.max(0, ...views.map(({ canarySeconds }) => canarySeconds ?? 0)),
    },
  }));
}

type DatabaseView = NonNullable<ReplicaStatus['database']> & { readonly unanswered: number };

/** One entry for each database, and where it is mirrored one for each of its servers: `terminal@postgres-1:5432`. */
function describeDatabases(statuses: readonly ReplicaStatus[]): ClusterMember[] {
  const seen = statuses.flatMap(({ database, messaging }): DatabaseView[] =>
    database == null ? [] : [{ ...database, unanswered: messaging?.unanswered ?? 0 }],
  );
  return [...groupBy(seen, ({ name }) => name)].flatMap(([name, views]) =>
    views.some(({ servers }) => servers.length > 0) ? describeServers(name, views) : [describeDatabase(name, views)],
  );
}

function describeDatabase(name: string, views: readonly DatabaseView[]): ClusterMember {
  return {
    name,
    kind: 'postgres',
    // Whoever cannot reach it does not know its role.
    role: views.find(({ state }) => state === 'up')?.role ?? 'unknown',
    state: views.some(({ state }) => state === 'up') ? 'up' : 'down',
    pid: null,
    version: null,
    load: { unanswered: Math.max(...views.map(({ unanswered }) => unanswered)) },
  };
}

function describeServers(database: string, views: readonly DatabaseView[]): ClusterMember[] {
  const unanswered = Math.max(...views.map((view) => view.unanswered));
  const servers = groupBy(
    views.flatMap((view) => view.servers),
    ({ name }) => name,
  );
  return [...servers].map(([server, seen]) => {
    const up = seen.filter(({ state }) => state === 'up');
    const role = up.find((one) => one.role !== 'unknown')?.role ?? 'unknown';
    return {
      name: `${database}@${server}`,
      kind: 'postgres',
      role,
      state: up.length > 0 ? 'up' : 'down',
      pid: null,
      version: null,
      load: role === 'primary' ? { unanswered } : {},
    };
  });
}

function groupBy<Item>(items: readonly Item[], keyOf: (item: Item) => string): Map<string, Item[]> {
  const groups = new Map<string, Item[]>();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group === undefined) groups.set(keyOf(item), [item]);
    else group.push(item);
  }
  return groups;
}
