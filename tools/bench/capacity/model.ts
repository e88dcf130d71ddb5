import type { WithdrawalCost } from '../full-path/withdrawal-cost.js';

/** A bank to be sized. */
export interface Demand {
  readonly atms: number;
  readonly withdrawalsPerSecond: number;
  /** Days that entries and journals are kept in the databases. */
  readonly keptDays: number;
  /** Rate of an average second over that of the busiest one. */
  readonly averageOverPeak: number;
}

/** What one unit of each kind of hardware can do. */
export interface Hardware {
  /** Cores of one PostgreSQL server. */
  readonly databaseCores: number;
  /** How much of any resource may be in use at the peak: the rest is for failures, maintenance and bursts. */
  readonly utilisationMax: number;
  /** Write-ahead log that a server can write, to its standby as well, bytes per second. */
  readonly walBytesPerSecond: number;
  /** Durable commits per second of one server; what pgbench reached, where nothing better is known. */
  readonly commitsPerSecond: number;
}

/** One resource of the bank. */
export interface Resource {
  readonly name: string;
  /** What one withdrawal takes of one unit, 0 to 1 per withdrawal per second. */
  readonly share: number;
  /** Whether more units are simply more processes; else a unit is a server with a part of the data. */
  readonly stateless: boolean;
}

/** What a demand takes of one resource. */
export interface Need {
  readonly name: string;
  /** Withdrawals per second that one unit serves at the utilisation that is allowed. */
  readonly perUnit: number;
  /** How many units the demand takes. */
  readonly units: number;
  readonly stateless: boolean;
}

export interface Capacity {
  /** Cores of stateless processes by app, and units of everything that keeps something. First what one unit of serves least. */
  readonly needs: readonly Need[];
  /** Of stateful resources: the one of which a single unit is exhausted first. */
  readonly firstSaturated: Need;
  /** Account brokers, each with a database of its own, that the demand takes. */
  readonly accountBrokers: number;
  /** Terminal brokers, each with the withdrawals, journals and transmission queue of a part of the cash machines. */
  readonly terminalBrokers: number;
  readonly storedTerabytes: number;
  /** Withdrawals per second of one cash machine. */
  readonly perAtm: number;
}

const STATELESS = ['gateway', 'atm-terminal', 'account'];
const SECONDS_PER_DAY = 86_400;

/**
 * The resources that a withdrawal takes, from its measured cost. CPU of what serves all databases (WAL writer, checkpoints, vacuum) and the
 * write-ahead log are divided between the databases as their own CPU is, since the server tells them only together. Redis computes on one
 * core.
 */
export function resourcesOf(cost: WithdrawalCost, hardware: Hardware): Resource[] {
  if (cost.cpuUs === null) throw new Error('the report has no CPU times; it was measured on a system without /proc');
  const cpu = new Map(Object.entries(cost.cpuUs));
  const databases = ['terminal', 'account_a'].map((name) => ({ name, us: cpu.get(`postgres ${name}`) ?? 0 }));
  const allUs = databases.reduce((sum, { us }) => sum + us, 0);
  const shared = cpu.get('postgres shared') ?? 0;
  const ofDatabases = databases.flatMap(({ name, us }): Resource[] => {
    const part = allUs === 0 ? 0.5 : us / allUs;
    const seconds = (us + shared * part) / 1e6;
    return [
      { name: `database ${name}: CPU`, share: seconds / hardware.databaseCores, stateless: false },
      {
        name: `database ${name}: commits`,
        share: (cost.transactions[name] ?? 0) / hardware.commitsPerSecond,
        stateless: false,
      },
      { name: `database ${name}: WAL`, share: (cost.walBytes * part) / hardware.walBytesPerSecond, stateless: false },
    ];
  });
  const replicas = STATELESS.map((app): Resource => ({
    name: `${app}: cores`,
    share: (cpu.get(app) ?? 0) / 1e6,
    stateless: true,
  }));
  const redis: Resource = { name: 'Redis: its one core', share: (cpu.get('redis') ?? 0) / 1e6, stateless: false };
  return [...replicas, redis, ...ofDatabases];
}

/** What the demand takes. Costs per withdrawal are taken to stay as measured: linear, as the sharded topology's slope shows or disproves. */
export function capacityFor(cost: WithdrawalCost, hardware: Hardware, demand: Demand): Capacity {
  const needs = resourcesOf(cost, hardware)
    .map(({ name, share, stateless }): Need => {
      const perUnit = hardware.utilisationMax / share;
      return { name, perUnit, units: Math.ceil(demand.withdrawalsPerSecond / perUnit), stateless };
    })
    .toSorted((one, other) => one.perUnit - other.perUnit);
  const unitsOf = (prefix: string) =>
    Math.max(1, ...needs.filter(({ name }) => name.startsWith(prefix)).map(({ units }) => units));
  const firstSaturated = needs.find(({ stateless }) => !stateless);
  if (firstSaturated === undefined) throw new Error('nothing that keeps something was measured');
  const storedPerWithdrawal = Object.values(cost.storedBytes).reduce((sum, bytes) => sum + bytes, 0);
  const keptWithdrawals = demand.withdrawalsPerSecond * demand.averageOverPeak * SECONDS_PER_DAY * demand.keptDays;
  return {
    needs,
    firstSaturated,
    accountBrokers: unitsOf('database account'),
    terminalBrokers: unitsOf('database terminal'),
    storedTerabytes: (storedPerWithdrawal * keptWithdrawals) / 1e12,
    perAtm: demand.withdrawalsPerSecond / demand.atms,
  };
}
