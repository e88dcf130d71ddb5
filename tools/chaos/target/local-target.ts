import { chmodSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import type { ArmFault } from '#contracts';
import { Operator } from '../../atm/operator.js';
import { availableChannels, type ChannelRole } from '../../cluster/channels.js';
import { type MemberRecord, readRecord } from '../../cluster/cluster-record.js';
import { DataFolder } from '../../cluster/data-folder.js';
import { type RunningCluster, startCluster, type StartClusterOptions } from '../../cluster/start-cluster.js';
import type { MemberStatus } from '../../cluster/status.js';
import { eventually } from '../../eventually.js';
import { Link } from '../faults/link.js';
import { buildSabotaged } from '../../sabotage/build.js';
import type { SabotageName } from '../../sabotage/sabotages.js';
import type { Capability } from '../schedule/fault-kinds.js';
import type { Shape } from '../schedule/plan-faults.js';
import { metricsOf } from './metrics-of.js';
import type { Target, TargetDatabase } from './target.js';

/** Small enough that a replica runs out of memory before the machine does, MiB. */
const HEAP_MIB = 256;

const UP_MS_MAX = 90_000;

export interface LocalTargetOptions extends Omit<StartClusterOptions, 'dataDir' | 'channelAddress' | 'build'> {
  /** The protection to run without. */
  readonly sabotage?: SabotageName;
}

/** A cluster of its own on this machine, with links of its own between replicas and channels. */
export class LocalTarget implements Target {
  readonly address = null;
  private readonly operator = new Operator(() => this.cluster.gatewayUrls);

  private constructor(
    private readonly cluster: RunningCluster,
    private readonly dataDir: string,
    private readonly links: ReadonlyMap<string, Link>,
    readonly shape: Shape,
    readonly description: string,
  ) {}

  static async start({ sabotage, ...options }: LocalTargetOptions = {}): Promise<LocalTarget> {
    const dataDir = mkdtempSync(join(tmpdir(), 'cashpoint-chaos-'));
    // The database may run as another user, who must be able to pass through.
    chmodSync(dataDir, 0o711);
    const links = new Map<string, Link>();
    const cluster = await startCluster({
      dataDir,
      ...options,
      ...(sabotage === undefined ? {} : { build: await buildSabotaged(sabotage, new DataFolder(dataDir).sabotage) }),
      environment: { NODE_OPTIONS: `--max-old-space-size=${HEAP_MIB}`, SESSION_MINUTES: '240', ...options.environment },
      channelAddress: async (role: ChannelRole, url: string) => {
        const link = await Link.to(url);
        links.set(`redis-${role}`, link);
        return link.url;
      },
    });
    const shape = await shapeOf(cluster);
    const description = `local cluster, ${options.topology ?? 'single'} topology, channels on ${options.channels ?? availableChannels()}${options.ha === true ? ', mirrored database' : ''}`;
    return new LocalTarget(cluster, dataDir, links, shape, description);
  }

  get gatewayUrls(): readonly string[] {
    return this.cluster.gatewayUrls;
  }

  async databases(): Promise<{ terminal: TargetDatabase; accounts: TargetDatabase[] }> {
    const of = (broker: string): TargetDatabase => ({
      broker,
      url: this.cluster.databaseUrl(broker.replace('-', '_')),
    });
    const brokers = new Set(this.shape.accounts.map((name) => name.replace(/-\d+$/, '')));
    return { terminal: of('terminal'), accounts: [...brokers].map(of) };
  }

  kill(name: string): Promise<void> {
    return this.cluster.kill(name);
  }

  start(name: string): Promise<void> {
    return this.cluster.start(name);
  }

  freeze(name: string): Promise<void> {
    return this.cluster.kill(name, 'SIGSTOP');
  }

  thaw(name: string): Promise<void> {
    return this.cluster.kill(name, 'SIGCONT');
  }

  async empty(channel: string): Promise<void> {
    const { channels } = await this.cluster.status();
    const url = channels.find(({ name }) => name === channel)?.url ?? '';
    const redis = new Redis(url, { maxRetriesPerRequest: 1, retryStrategy: () => null });
    redis.on('error', () => undefined);
    try {
      await redis.flushall();
    } finally {
      redis.disconnect();
    }
  }

  async spoilLink(channel: string, how: Parameters<Target['spoilLink']>[1]): Promise<() => Promise<void>> {
    const link = this.links.get(channel);
    if (link === undefined) throw new Error(`there is no link to ${channel}`);
    if (how === 'half-open') link.halfOpen();
    else if (how === 'cut') link.cut();
    else link.delay(how.delay);
    return async () => link.heal();
  }

  arm(fault: ArmFault): Promise<void> {
    return this.operator.arm(fault);
  }

  scale(app: string, count: number): Promise<void> {
    return this.cluster.scale(app, count);
  }

  rollingRestart(): Promise<void> {
    return this.cluster.restart();
  }

  async primary(): Promise<string> {
    const { databases } = await this.cluster.status();
    const primary = databases.find(({ role }) => role === 'primary');
    if (primary === undefined) throw new Error('no database is primary now');
    return primary.name;
  }

  async incarnation(name: string): Promise<string | null> {
    const pid = this.records().find((member) => member.name === name)?.process?.pid;
    return pid === undefined ? null : String(pid);
  }

  async untilUp(name?: string): Promise<void> {
    const meant = () => this.records().filter((member) => name === undefined || member.name === name);
    await eventually(`${name ?? 'everything'} is up`, () => meant().every(({ state }) => state === 'up'), UP_MS_MAX);
  }

  async metrics(): Promise<ReadonlyMap<string, string>> {
    const { gateways, replicas } = await this.cluster.status();
    const texts = new Map<string, string>();
    await Promise.all(
      [...gateways, ...replicas].map(async ({ name, url }) => {
        const text = await metricsOf(url);
        if (text !== null) texts.set(name, text);
      }),
    );
    return texts;
  }

  async close(keep: boolean): Promise<string | null> {
    if (keep) await this.cluster.stop();
    else await this.cluster.discard();
    await Promise.all([...this.links.values()].map((link) => link.close()));
    return keep ? this.dataDir : null;
  }

  /** As the supervisor sees its members; asking them all is too much to be done often. */
  private records(): readonly MemberRecord[] {
    return readRecord(new DataFolder(this.dataDir).record)?.members ?? [];
  }
}

async function shapeOf(cluster: RunningCluster): Promise<Shape> {
  const { gateways, replicas, channels, databases } = await cluster.status();
  const names = (members: readonly MemberStatus[], kind: string) =>
    members.filter((member) => member.kind === kind).map(({ name }) => name);
  const withRedis = channels.some(({ kind }) => kind === 'redis');
  const capabilities: Capability[] = ['small-heaps', 'scaling', 'restart'];
  if (withRedis) capabilities.push('channel-processes', 'channel-links', 'channel-delays');
  if (databases.some(({ role }) => role === 'standby')) capabilities.push('standby');
  return {
    gateways: names(gateways, 'gateway'),
    terminals: names(replicas, 'atm-terminal'),
    accounts: names(replicas, 'account'),
    channels: withRedis ? channels.map(({ name }) => name) : [],
    capabilities,
  };
}
