import { chmod, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from '@jest/globals';
import type { ArmFault, AuditBody, ClusterBody, OperatorAccountBody } from '#contracts';
import { Atm, type AtmOptions } from '../../tools/atm/atm.js';
import { accountId, terminalId } from '../../tools/atm/demo-customers.js';
import { Operator } from '../../tools/atm/operator.js';
import { type RunningCluster, startCluster, type StartClusterOptions } from '../../tools/cluster/start-cluster.js';
import { eventually } from '../../tools/eventually.js';

export type BankOptions = Partial<StartClusterOptions>;

/** Customers of the sharded topology up to here are at account-a, the others at account-b. */
const LAST_OF_A = 50;
/** Customers with a daily limit, with little money and with a blocked card. */
const UNUSUAL = [91, 92, 93, 94, 95, 99, 100];
const CUSTOMERS = 100;

/** A whole bank on this machine for one test file: real processes on free ports in a folder of its own. */
export class Bank {
  readonly operator = new Operator(() => this.gateways);
  private readonly atms: Atm[] = [];
  /** Customers whom no test has had yet, of each account broker. */
  private readonly unused: Map<string, number[]>;

  private constructor(
    readonly cluster: RunningCluster,
    /** Names of the replicas as they were started. */
    readonly terminals: readonly string[],
    readonly accounts: readonly string[],
  ) {
    this.unused = new Map(this.brokers.map((broker) => [broker, []]));
    for (let number = 1; number <= CUSTOMERS; number++) {
      if (!UNUSUAL.includes(number)) this.unused.get(this.brokerOf(number))?.push(number);
    }
  }

  static async open(options: BankOptions = {}): Promise<Bank> {
    const dataDir = await mkdtemp(join(tmpdir(), 'cashpoint-test-'));
    // The database may run as another user, who must be able to pass through.
    await chmod(dataDir, 0o711);
    const cluster = await startCluster({ dataDir, ...options });
    const { replicas } = await cluster.status();
    const named = (kind: string) => replicas.filter((replica) => replica.kind === kind).map(({ name }) => name);
    return new Bank(cluster, named('atm-terminal'), named('account'));
  }

  async close(): Promise<void> {
    await Promise.all(this.atms.map((atm) => atm.close()));
    await this.cluster.discard();
  }

  get gateways(): readonly string[] {
    return this.cluster.gatewayUrls;
  }

  /** Names of the account brokers: one, or two where accounts are sharded. */
  get brokers(): readonly string[] {
    return [...new Set(this.accounts.map((name) => name.replace(/-\d+$/, '')))];
  }

  /** The account broker that a customer is at. */
  brokerOf(customer: number): string {
    return this.brokers[customer > LAST_OF_A ? this.brokers.length - 1 : 0] ?? '';
  }

  /** Names of the account replicas that a customer's broker was started with. */
  accountsOf(customer: number): readonly string[] {
    return this.accounts.filter((name) => name.startsWith(`${this.brokerOf(customer)}-`));
  }

  /** Customers with a usual account whom no test of this bank has had before, of all brokers in turn, or of one. */
  customers(count: number, brokers: readonly string[] = this.brokers): number[] {
    return Array.from({ length: count }, (_, index) => {
      const customer = this.unused.get(brokers[index % brokers.length] ?? '')?.shift();
      if (customer === undefined) throw new Error('the tests of this bank have used up its customers');
      return customer;
    });
  }

  /** One such customer. */
  customer(broker: string = this.brokers[0] ?? ''): number {
    return this.customers(1, [broker])[0] ?? 0;
  }

  /** A cash machine that starts with one of the gateways, so that many of them use all. */
  atm(number = 1, options: Partial<AtmOptions> = {}): Atm {
    const first = number % this.gateways.length;
    const gateways = [...this.gateways.slice(first), ...this.gateways.slice(0, first)];
    const atm = new Atm({ gateways, terminalId: terminalId(number), ...options });
    this.atms.push(atm);
    return atm;
  }

  audit(): Promise<AuditBody> {
    return this.operator.audit();
  }

  /** The audit once nothing is on its way any more. */
  auditWhenQuiet(timeoutMs = 60_000): Promise<AuditBody> {
    return eventually(
      'an audit with nothing in flight',
      async () => {
        const audit = await this.audit().catch(() => null);
        return audit?.inFlight === 0 && audit;
      },
      timeoutMs,
    );
  }

  members(): Promise<ClusterBody> {
    return this.operator.cluster();
  }

  account(number: number): Promise<OperatorAccountBody> {
    return this.operator.account(accountId(number));
  }

  arm(fault: Omit<ArmFault, 'times'> & { times?: number }): Promise<void> {
    return this.operator.arm({ times: 1, ...fault });
  }

  /** What is armed there, and was not spent, does not happen any more. */
  async disarm(replicas: readonly string[], point: string): Promise<void> {
    await Promise.all(replicas.map((replica) => this.operator.arm({ replica, point, action: 'error', times: 0 })));
  }

  async kill(names: readonly string[]): Promise<void> {
    await Promise.all(names.map((name) => this.cluster.kill(name)));
  }

  async start(names: readonly string[]): Promise<void> {
    await Promise.all(names.map((name) => this.cluster.start(name)));
  }

  /** Resolves when every process that should run is up and answers. */
  async untilUp(): Promise<void> {
    await eventually('all replicas are up', async () => {
      const { replicas, gateways } = await this.cluster.status();
      return [...replicas, ...gateways].every(({ state }) => state === 'up');
    });
  }

  async pidOf(name: string): Promise<number | null> {
    const { replicas, gateways, channels } = await this.cluster.status();
    return [...replicas, ...gateways, ...channels].find((member) => member.name === name)?.pid ?? null;
  }
}

/** A bank for all tests of the `describe` that calls this. Answers how to reach it from within them. */
export function openBank(options: BankOptions = {}): () => Bank {
  let bank: Bank | undefined;
  beforeAll(async () => {
    bank = await Bank.open(options);
  }, 90_000);
  afterAll(() => bank?.close(), 60_000);
  return () => {
    if (bank === undefined) throw new Error('the bank did not open');
    return bank;
  };
}
