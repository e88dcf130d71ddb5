import type { ClusterBody, MoneyEvent, OperatorEvent } from '#contracts';
import { describeCluster, type FoundProcess } from '../describe-cluster.js';
import { looksDifferent, noticesBetween } from './notices.js';
import { TrafficMeter } from './traffic.js';

/** Between two looks at the processes, milliseconds: a death shows within this and the time-out of a look. */
const LOOK_MS = 500;

/** Money is asked for at every second look. */
const LOOKS_PER_MONEY = 2;

export interface SamplerSources {
  readonly takeCensus: () => Promise<FoundProcess[]>;
  readonly readMoney: () => Promise<Omit<MoneyEvent, 'at'>>;
  readonly onFault: (error: unknown) => void;
}

/** Looks at the cluster again and again, and tells what it finds, until it is stopped. One look at a time. */
export class Sampler {
  private readonly meter = new TrafficMeter();
  private before: ClusterBody | null = null;
  private readonly timer: NodeJS.Timeout;
  private looks = 0;
  private isLooking = false;
  private isAskingForMoney = false;
  private isStopped = false;

  constructor(
    private readonly sources: SamplerSources,
    private readonly tell: (event: OperatorEvent) => void,
  ) {
    this.timer = setInterval(() => void this.look(), LOOK_MS);
    void this.look();
  }

  stop(): void {
    this.isStopped = true;
    clearInterval(this.timer);
  }

  private async look(): Promise<void> {
    if (this.isLooking) return;
    this.isLooking = true;
    try {
      if (this.looks++ % LOOKS_PER_MONEY === 0) void this.lookAtMoney();
      const processes = await this.sources.takeCensus();
      if (!this.isStopped) this.compare(processes);
    } catch (error) {
      this.sources.onFault(error);
    } finally {
      this.isLooking = false;
    }
  }

  private compare(processes: readonly FoundProcess[]): void {
    const at = new Date().toISOString();
    const { before } = this;
    const cluster = describeCluster(processes);
    this.before = cluster;
    if (before === null || looksDifferent(before, cluster)) this.tell({ kind: 'cluster', data: { at, cluster } });
    const notices = before === null ? [] : noticesBetween(before, cluster);
    for (const notice of notices) this.tell({ kind: 'notice', data: { at, ...notice } });
    this.tell({ kind: 'traffic', data: { at, ...this.meter.measure(processes, performance.now()) } });
  }

  /** Beside the looks, since an account broker that is down takes its time. */
  private async lookAtMoney(): Promise<void> {
    if (this.isAskingForMoney) return;
    this.isAskingForMoney = true;
    try {
      const money = await this.sources.readMoney();
      if (!this.isStopped) this.tell({ kind: 'money', data: { at: new Date().toISOString(), ...money } });
    } catch (error) {
      this.sources.onFault(error);
    } finally {
      this.isAskingForMoney = false;
    }
  }
}
