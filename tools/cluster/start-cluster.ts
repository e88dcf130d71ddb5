import { availableChannels, type ChannelKind } from './channels.js';
import type { ClusterOptions } from './cluster.js';
import { DataFolder } from './data-folder.js';
import { discardWhenThisProcessEnds, stopWhenThisProcessEnds } from './leash.js';
import { checkedSize, DEFAULT_SIZES, type Sizes } from './sizes.js';
import { type ClusterStatus, statusOf } from './status.js';
import { supervise } from './supervise.js';
import type { Topology } from './topology.js';

export interface StartClusterOptions extends Partial<Sizes> {
  readonly dataDir: string;
  /** Port of the first gateway; 0 (the default): any free ones. */
  readonly port?: number;
  readonly channels?: ChannelKind;
  /** `single` where it is not given. */
  readonly topology?: Topology;
  /** A mirrored database: `postgres-1` and `postgres-2` under Patroni, with etcd-1 to etcd-3; see `missingMirrorPrograms`. */
  readonly ha?: boolean;
  /** Another build than the checkout's (`buildSabotaged`): the folder above its `dist`. */
  readonly build?: string;
  /** Variables for every replica beside, or instead of, the usual ones. */
  readonly environment?: Readonly<Record<string, string>>;
  /** As `up --autoscale`. */
  readonly autoscaleMax?: number;
  readonly channelAddress?: ClusterOptions['channelAddress'];
  /** Its data go too when this process ends without having stopped it, or when it does not start. */
  readonly scratch?: boolean;
}

/** A cluster of real processes, looked after by the process that asked for it. */
export interface RunningCluster {
  readonly gatewayUrls: readonly string[];
  status(): Promise<ClusterStatus>;
  kill(name: string, signal?: NodeJS.Signals): Promise<void>;
  start(name: string): Promise<void>;
  scale(what: string, count: number): Promise<void>;
  /** Replaces all processes but the database one after the other, or the one named. */
  restart(name?: string, report?: (name: string) => void): Promise<void>;
  /** Resolves when a mirrored database has a standby that may take over. */
  untilSafe(): Promise<void>;
  /** Drains and stops everything; its data stay. */
  stop(): Promise<void>;
  /** Stops everything and removes the data folder. */
  discard(): Promise<void>;
  /** The last lines that a member wrote. */
  log(name: string, lines?: number): string;
  /**
   * Connection string of one of its databases (`terminal`, `account_a`, and `account_b` where it is sharded); with both servers where it is
   * mirrored, as `poolConfigOf` takes it.
   */
  databaseUrl(database: string): string;
}

/**
 * For tests, demos and benchmarks: a cluster of their own, which ends when this process does, however that ends. The build must be
 * up to date.
 */
export async function startCluster(options: StartClusterOptions): Promise<RunningCluster> {
  const sizes = { ...DEFAULT_SIZES, ...options };
  const folder = new DataFolder(options.dataDir);
  // Before anything is started: this process may be killed meanwhile.
  const release = options.scratch === true ? discardWhenThisProcessEnds(folder) : stopWhenThisProcessEnds(folder);
  const supervised = supervise({
    dataDir: options.dataDir,
    port: options.port ?? 0,
    channels: options.channels ?? availableChannels(),
    topology: options.topology ?? 'single',
    gateways: checkedSize('gateways', sizes.gateways),
    terminals: checkedSize('terminals', sizes.terminals),
    accounts: checkedSize('accounts', sizes.accounts),
    ha: options.ha ?? false,
    ...(options.autoscaleMax === undefined ? {} : { autoscaleMax: options.autoscaleMax }),
    ...(options.build === undefined ? {} : { build: options.build }),
    ...(options.environment === undefined ? {} : { environment: options.environment }),
    ...(options.channelAddress === undefined ? {} : { channelAddress: options.channelAddress }),
  });
  const { cluster, stop } = await supervised.catch((error: unknown) => {
    release();
    if (options.scratch === true) folder.remove();
    throw error;
  });
  const stopAndRelease = async () => {
    await stop();
    release();
  };
  return {
    get gatewayUrls() {
      return cluster.gatewayUrls;
    },
    status: () => statusOf(folder),
    kill: (name, signal) => cluster.kill(name, signal),
    start: (name) => cluster.startMember(name),
    scale: (what, count) => cluster.scale(what, count),
    restart: (name, report) => cluster.restart(name, report),
    untilSafe: () => cluster.untilSafe(),
    stop: stopAndRelease,
    discard: async () => {
      await stopAndRelease();
      folder.remove();
    },
    log: (name, lines) => cluster.log(name, lines),
    databaseUrl: (database) => cluster.databaseUrl(database),
  };
}
