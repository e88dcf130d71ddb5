import { createDatabases } from '../servers/postgres-server.js';
import { freePort, isPortFree } from '../servers/free-port.js';
import { CHECKOUT } from '../checkout.js';
import { lastLines } from '../processes/log-file.js';
import { Refusal } from '../refusal.js';
import { type ChannelKind, type ChannelRole, channelDatabase, CHANNEL_ROLES, redisPlan } from './channels.js';
import { type MemberRecord, writeAtomically } from './cluster-record.js';
import { DataFolder } from './data-folder.js';
import { type Databases, singleServer } from './database.js';
import { ENDING_SIGNALS, Member, PAUSING_SIGNALS } from './member.js';
import { mirroredServers } from './mirror.js';
import { replicaPlan } from './replica.js';
import { checkedSize, type Sizes } from './sizes.js';
import {
  environmentOf,
  type Group,
  groupsOf,
  replicaName,
  RESTART_ORDER,
  STOP_ORDER,
  type Topology,
} from './topology.js';

export interface ClusterOptions extends Sizes {
  readonly dataDir: string;
  /** Port of `gateway-1`, the next one for `gateway-2` and so on; 0: any free ones. */
  readonly port: number;
  readonly channels: ChannelKind;
  readonly topology: Topology;
  /** A primary and a synchronous standby under Patroni instead of one PostgreSQL. */
  readonly ha?: boolean;
  /** Folder whose `dist` the replicas run from, beside its own package.json and node_modules; the checkout where it is not given. */
  readonly build?: string;
  /** Where gateways reach who looks after the cluster, so that operators can do so through them. */
  readonly control?: { readonly url: string; readonly token: string };
  /** Variables for every replica beside, or instead of, the usual ones. */
  readonly environment?: Readonly<Record<string, string>>;
  /** What the replicas are told instead of a Redis channel's address, for whoever stands in between. */
  readonly channelAddress?: (role: ChannelRole, url: string) => Promise<string>;
}

/** Something that took time while the cluster started. */
export interface StartStep {
  readonly name: string;
  readonly milliseconds: number;
}

const LOG_CHECK_MS = 10_000;

/** All processes of one cluster on this machine: starts, watches, changes and stops them. */
export class Cluster {
  private readonly folder: DataFolder;
  private readonly members = new Map<string, Member>();
  private readonly ports = new Map<string, number>();
  private readonly channelAddresses = new Map<ChannelRole, string>();
  private readonly groups: readonly Group[];
  private databases: Databases | null = null;
  private readonly logCheck: NodeJS.Timeout;
  private scaling: Promise<void> = Promise.resolve();
  private stopped = false;

  /** `changed` is called whenever something in `records` did. */
  constructor(
    private readonly options: ClusterOptions,
    private readonly changed: () => void = () => undefined,
  ) {
    this.folder = new DataFolder(options.dataDir);
    this.groups = groupsOf(options.topology);
    this.logCheck = setInterval(() => this.members.forEach((member) => member.keepLogSmall()), LOG_CHECK_MS);
    this.logCheck.unref();
  }

  get gatewayUrls(): string[] {
    return this.records.filter(({ section }) => section === 'gateways').map(({ url }) => url);
  }

  /** Processes, and the channels on PostgreSQL, which are no processes of their own. */
  get records(): MemberRecord[] {
    const records = [...this.members.values()].map(({ record }) => record);
    const postgres = records.find(({ kind }) => kind === 'postgres');
    if (this.options.channels === 'redis' || postgres === undefined) return records;
    const channels = CHANNEL_ROLES.map((role): MemberRecord => ({
      ...postgres,
      section: 'channels',
      name: `postgres-${role}`,
      role,
      url: `${postgres.url}/${channelDatabase(role)}`,
    }));
    return [...records, ...channels];
  }

  /** Starts everything and resolves when all of it is ready. Rejects, with everything still as it came, where something is not. */
  async start(report: (step: StartStep) => void): Promise<void> {
    this.folder.create();
    this.folder.keepTopology(this.options.topology);
    this.folder.keepDatabases(this.options.ha === true ? 'mirrored' : 'single');
    await this.claimGatewayPorts();
    await this.startDatabase(report);
    const channels = this.options.channels === 'redis' ? await this.addRedis() : [];
    const replicas = await this.addReplicas();
    this.writeEndpoints();
    await this.startAll([...channels, ...replicas], report);
  }

  /** A member's signal. Ending ones (KILL, TERM, INT, QUIT, ABRT) leave it down until `startMember`; STOP and CONT freeze and wake it. */
  async kill(name: string, signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    const known = [...ENDING_SIGNALS, ...PAUSING_SIGNALS];
    if (!known.includes(signal)) {
      throw new Refusal(`${signal} is not one of ${known.map((one) => one.slice('SIG'.length)).join(', ')}`);
    }
    await this.member(name).kill(signal);
  }

  /** Resolves when it is ready; nothing happens where it runs. */
  async startMember(name: string): Promise<void> {
    await this.member(name).start();
  }

  /**
   * Replaces processes by new ones, one after the other: each is drained, ends, and is ready again before the next one's turn. All
   * replicas, callees before callers, and then the channels; or the one that is named.
   */
  async restart(name?: string, report: (name: string) => void = () => undefined): Promise<void> {
    const inTurn = RESTART_ORDER.flatMap((kind) => [...this.members.values()].filter(({ plan }) => plan.kind === kind));
    for (const member of name === undefined ? inTurn : [this.member(name)]) {
      // Who was taken down on purpose stays down.
      if (name === undefined && !member.isWanted) continue;
      await member.stop();
      await member.start();
      report(member.plan.name);
    }
  }

  /** Adds replicas, or drains and removes those with the highest numbers. `what` is an app (`account`) or a group (`account-a`). */
  scale(what: string, count: number): Promise<void> {
    // One after the other: the second one counts what the first one left.
    this.scaling = this.scaling.then(
      () => this.scaleNow(what, count),
      () => this.scaleNow(what, count),
    );
    return this.scaling;
  }

  /** Drains and stops everything, callers first. */
  async stop(): Promise<void> {
    this.stopped = true;
    clearInterval(this.logCheck);
    for (const kind of STOP_ORDER) {
      await this.stopAll([...this.members.values()].filter(({ plan }) => plan.kind === kind));
    }
  }

  /** The last lines that a member wrote. */
  log(name: string, lines = 50): string {
    return lastLines(this.member(name).plan.logFile, lines);
  }

  /** Connection string of one of the cluster's databases (`terminal`, `account_a`), with all of its servers. */
  databaseUrl(database: string): string {
    if (this.databases === null) throw new Error('there are no databases yet');
    return this.databases.url(database);
  }

  /** Resolves when the databases are as safe as they promise: mirrored ones have a standby that may take over. */
  async untilSafe(): Promise<void> {
    await this.databases?.ready();
  }

  private async claimGatewayPorts(): Promise<void> {
    for (let number = 1; number <= this.options.gateways; number++) await this.claimGatewayPort(number);
  }

  private async claimGatewayPort(number: number): Promise<void> {
    const name = `gateway-${number}`;
    const port = this.options.port === 0 ? await freePort() : this.options.port + number - 1;
    if (!(await isPortFree(port))) {
      throw new Refusal(`port ${port} is in use, ${name} cannot listen on it; choose another one with --port`);
    }
    this.ports.set(name, port);
  }

  private async startDatabase(report: (step: StartStep) => void): Promise<void> {
    const choose = this.options.ha === true ? mirroredServers : singleServer;
    this.databases = await choose(this.folder, (name) => this.claimPort(name));
    for (const step of this.databases.steps) {
      await this.startAll(
        step.map((plan) => this.add(plan)),
        report,
      );
    }
    const databases = this.groups.flatMap(({ broker }) => (broker === null ? [] : [broker.database]));
    const channels = this.options.channels === 'postgres' ? CHANNEL_ROLES.map(channelDatabase) : [];
    const startedAt = Date.now();
    await this.untilSafe();
    await createDatabases(this.databaseUrl('postgres'), [...databases, ...channels]);
    report({ name: `databases ${[...databases, ...channels].join(', ')}`, milliseconds: Date.now() - startedAt });
  }

  private async addRedis(): Promise<Member[]> {
    const added: Member[] = [];
    for (const role of CHANNEL_ROLES) {
      const port = await this.claimPort(`redis-${role}`);
      const url = `redis://127.0.0.1:${port}`;
      added.push(this.add(redisPlan(role, port, this.folder)));
      this.channelAddresses.set(role, (await this.options.channelAddress?.(role, url)) ?? url);
    }
    return added;
  }

  private async addReplicas(): Promise<Member[]> {
    const added: Member[] = [];
    for (const group of this.groups) {
      for (let number = 1; number <= this.options[group.size]; number++)
        added.push(await this.addReplica(group, number));
    }
    return added;
  }

  private async addReplica(group: Group, number: number): Promise<Member> {
    const name = replicaName(group, number);
    if (group.app !== 'gateway') await this.claimPort(name);
    else if (!this.ports.has(name)) await this.claimGatewayPort(number);
    const { build = CHECKOUT } = this.options;
    const port = this.portOf(name);
    return this.add(replicaPlan(group, number, port, this.folder.log(name), this.environmentOf(group), build));
  }

  private environmentOf(group: Group): Record<string, string> {
    const accounts = this.groups.filter(({ app }) => app === 'account');
    const broker: Record<string, string> =
      group.broker === null ? {} : { BROKER: group.broker.name, DATABASE_URL: this.databaseUrl(group.broker.database) };
    return {
      CASHPOINT_PROFILE: 'demo',
      CHANNELS: CHANNEL_ROLES.map((role) => `${role}=${this.channelUrl(role)}`).join(','),
      ACCOUNT_ENDPOINTS: accounts.map(({ name }) => `${name}=${this.folder.endpointsOf(name)}`).join(','),
      ATM_TERMINAL_ENDPOINTS: this.folder.endpointsOf('atm-terminal'),
      GATEWAY_ENDPOINTS: this.folder.endpointsOf('gateway'),
      PUBLIC_GATEWAYS: this.folder.endpointsOf('gateway'),
      ...environmentOf(this.options.topology),
      ...(group.app === 'gateway' ? this.controlEnvironment() : {}),
      ...broker,
      ...this.options.environment,
    };
  }

  private controlEnvironment(): Record<string, string> {
    const { control } = this.options;
    return control === undefined ? {} : { SUPERVISOR_URL: control.url, SUPERVISOR_TOKEN: control.token };
  }

  private channelUrl(role: ChannelRole): string {
    return this.channelAddresses.get(role) ?? this.databaseUrl(channelDatabase(role));
  }

  private async scaleNow(what: string, count: number): Promise<void> {
    const groups = this.groups.filter(({ name, app }) => name === what || app === what);
    if (groups.length === 0) {
      const known = new Set(this.groups.flatMap(({ app, name }) => [app, name]));
      throw new Refusal(`there is no ${what} to scale; there are ${[...known].join(', ')}`);
    }
    for (const group of groups) await this.scaleGroup(group, checkedSize(group.size, count));
  }

  private async scaleGroup(group: Group, count: number): Promise<void> {
    const present = this.membersOf(group);
    const surplus = present.slice(count);
    for (const { plan } of surplus) this.members.delete(plan.name);
    const added: Member[] = [];
    for (let number = present.length + 1; number <= count; number++) added.push(await this.addReplica(group, number));
    // Callers hear of new replicas once these are ready, and turn away from old ones before these go.
    await this.startAll(added, () => undefined);
    this.writeEndpoints();
    await this.stopAll(surplus);
    this.changed();
  }

  private async startAll(members: readonly Member[], report: (step: StartStep) => void): Promise<void> {
    const startedAt = Date.now();
    await Promise.all(
      members.map(async (member) => {
        await member.start();
        report({ name: member.plan.name, milliseconds: Date.now() - startedAt });
      }),
    );
  }

  private async stopAll(members: readonly Member[]): Promise<void> {
    await Promise.all(members.map((member) => member.stop()));
  }

  private add(plan: Member['plan']): Member {
    if (this.stopped) throw new Refusal('the cluster was stopped while it started');
    const member = new Member(plan, this.changed);
    this.members.set(plan.name, member);
    return member;
  }

  private membersOf(group: Group): Member[] {
    return [...this.members.values()].filter(({ plan }) => plan.name.replace(/-\d+$/, '') === group.name);
  }

  private member(name: string): Member {
    const member = this.members.get(name);
    if (member !== undefined) return member;
    if (this.records.some((record) => record.name === name)) {
      throw new Refusal(`${name} is a database inside PostgreSQL, not a process; \`status\` lists the servers`);
    }
    throw new Refusal(`there is no ${name}; there are ${[...this.members.keys()].join(', ')}`);
  }

  private writeEndpoints(): void {
    const entries = this.groups.map((group) => [group.name, this.membersOf(group).map(({ plan }) => plan.url)]);
    writeAtomically(this.folder.endpoints, Object.fromEntries(entries), 0o644);
  }

  /** A replica keeps its port for as long as the cluster runs. */
  private async claimPort(name: string): Promise<number> {
    const port = this.ports.get(name) ?? (await freePort());
    this.ports.set(name, port);
    return port;
  }

  private portOf(name: string): number {
    const port = this.ports.get(name);
    if (port === undefined) throw new Error(`${name} has no port yet`);
    return port;
  }
}
