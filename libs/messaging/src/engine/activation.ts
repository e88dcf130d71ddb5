import { ONE_REPLICA, type Wanted, wanted } from '../protocol/activation.js';
import type { ActivationStatus, QueueStatus } from '../messaging.js';
import type { Channel } from '../ports/channel.js';
import type { Clock } from '../ports/clock.js';
import type { Logger } from '../ports/logger.js';
import type { Canaries } from './canaries.js';
import type { ChannelSwitch } from './channel-switch.js';
import { within } from './deadline.js';
import { QueueReaders } from './queue-readers.js';

/** Between two looks at a queue whose readers are awake, milliseconds. */
const AWAKE_LOOK_MS = 100;

/** Between two looks at what several replicas may be needed for, milliseconds, while any reader is awake or more than one is wanted. */
const SERVICE_LOOK_MS = 500;

/** Between two looks at queues that sleep, milliseconds, by kind of channel: has something come of which nobody was told? */
const ASLEEP_LOOK_MS = { redis: 10_000, postgres: 60_000 } as const;

/** The same once there was something: if it still is there then, its readers are dead. */
const ANXIOUS_LOOK_MS = 5_000;

/** What one look counts for in how busy the readers are: the last second or so decides. */
const BUSY_WEIGHT = 0.1;

/** How long the number of other replicas is believed, milliseconds. */
const LISTENERS_MS = 5_000;

/** Least time between two replacements of all readers of a channel, milliseconds. */
const REPLACE_MS = 5_000;

export interface ActivationOptions {
  readonly channels: readonly Channel[];
  readonly channelSwitch: ChannelSwitch;
  readonly canaries: Canaries;
  /** The service's queues, which all replicas of the broker read. */
  readonly sharedQueues: readonly string[];
  /** The queue that only this replica reads. */
  readonly ownQueue: string;
  readonly handle: (data: unknown) => Promise<void>;
  readonly readersMax: number;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** The readers of all queues of this replica, on all channels, and what they say about how many replicas are needed. */
export class Activation {
  private readonly readers: QueueReaders[];
  private readonly cancels = new Set<() => void>();
  private readonly replacedAt = new Map<string, number>();
  private cancelAwake: (() => void) | null = null;
  private cancelService: (() => void) | null = null;
  private wanted: Wanted = ONE_REPLICA;
  private listeners = { count: 1, askedAt: -Infinity };
  private before: { readonly at: number; readonly drained: number };
  private busy = 0;
  private closed = false;

  constructor(private readonly options: ActivationOptions) {
    const { channels, channelSwitch, sharedQueues, ownQueue, clock } = options;
    this.before = { at: clock.now(), drained: 0 };
    this.readers = channels.flatMap((channel) => [...sharedQueues, ownQueue].map((queue) => this.open(channel, queue)));
    channelSwitch.onChange = () => this.expect();
    channelSwitch.onSilence = (channel) => this.replaceAll(channel);
    this.expect();
    for (const kind of ['redis', 'postgres'] as const) this.lookAsleep(kind, ASLEEP_LOOK_MS[kind]);
  }

  /** Readers take nothing new; resolves when they have finished (bounded by the adapters). */
  async close(): Promise<void> {
    this.closed = true;
    this.cancelAwake?.();
    this.cancelService?.();
    for (const cancel of this.cancels) cancel();
    await Promise.all(this.readers.map((one) => one.close()));
  }

  status(): ActivationStatus {
    return {
      readers: sum(this.readers.map(({ readers }) => readers)),
      backlog: this.backlog(),
      desiredReplicas: this.wanted.replicas,
      replaced: sum(this.readers.map(({ replaced }) => replaced)),
    };
  }

  queues(): QueueStatus[] {
    const { readersMax, sharedQueues, ownQueue } = this.options;
    return [...sharedQueues, ownQueue].map((queue) => {
      const readers = this.readers.filter((one) => one.queue === queue);
      return {
        queue,
        readers: sum(readers.map((one) => one.readers)),
        readersMax: readersMax * readers.length,
        backlog: sum(readers.map(({ backlog }) => backlog)),
        silent: readers.some(({ isSilent }) => isSilent),
      };
    });
  }

  private open(channel: Channel, queue: string): QueueReaders {
    const { readersMax, clock, logger } = this.options;
    return new QueueReaders({
      channel,
      queue,
      handle: (data) => this.handle(channel, data),
      onCanary: (canary) => this.options.canaries.returned(channel, canary),
      readersMax,
      onWake: () => this.wake(),
      clock,
      logger,
    });
  }

  private async handle(channel: Channel, data: unknown): Promise<void> {
    this.options.channelSwitch.delivered(channel);
    await this.options.handle(data);
  }

  private expect(): void {
    for (const one of this.readers) one.expect(this.options.channelSwitch.isUsed(one.channel));
  }

  /** Not more often than new ones need to connect. */
  private replaceAll(channel: Channel): void {
    const now = this.options.clock.now();
    if (this.closed || now - (this.replacedAt.get(channel.name) ?? -Infinity) < REPLACE_MS) return;
    this.replacedAt.set(channel.name, now);
    for (const one of this.readers.filter((each) => each.channel === channel)) one.replace('a canary was lost');
  }

  private wake(): void {
    if (this.closed) return;
    this.cancelAwake ??= this.options.clock.after(AWAKE_LOOK_MS, () => void this.lookAwake());
    this.cancelService ??= this.options.clock.after(SERVICE_LOOK_MS, () => void this.lookAtService());
  }

  private async lookAwake(): Promise<void> {
    await Promise.all(this.readers.filter(({ isAwake }) => isAwake).map((one) => one.look()));
    this.busy += BUSY_WEIGHT * (this.busyNow() - this.busy);
    this.cancelAwake = null;
    if (!this.closed && this.readers.some(({ isAwake }) => isAwake)) this.wake();
  }

  private async lookAtService(): Promise<void> {
    const { clock } = this.options;
    if (this.cancelAwake === null) this.busy = 0;
    const replicas = await this.countListeners();
    const now = clock.now();
    const drained = sum(this.shared().map((one) => one.drained));
    const seconds = Math.max(0.001, (now - this.before.at) / 1_000);
    const load = {
      replicas,
      backlog: this.backlog(),
      drainedPerSecond: (drained - this.before.drained) / seconds,
      busy: this.busy,
    };
    this.before = { at: now, drained };
    this.wanted = wanted(this.wanted, load, now);
    this.cancelService = null;
    const calm = this.wanted.replicas === 1 && this.shared().every(({ isAwake }) => !isAwake);
    if (calm || this.closed) return;
    this.cancelService = clock.after(SERVICE_LOOK_MS, () => void this.lookAtService());
  }

  private lookAsleep(kind: Channel['kind'], delayMs: number): void {
    const cancel = this.options.clock.after(delayMs, () => {
      this.cancels.delete(cancel);
      void this.lookAtSleepers(kind);
    });
    this.cancels.add(cancel);
  }

  private async lookAtSleepers(kind: Channel['kind']): Promise<void> {
    const { channelSwitch } = this.options;
    const asleep = this.shared().filter(({ channel, isAwake }) => channel.kind === kind && !isAwake);
    const looked = asleep.filter(({ channel }) => channelSwitch.isUp(channel));
    await Promise.all(looked.map((one) => one.look()));
    const isAnxious = looked.some(({ backlog }) => backlog > 0);
    if (!this.closed) this.lookAsleep(kind, isAnxious ? ANXIOUS_LOOK_MS : ASLEEP_LOOK_MS[kind]);
  }

  private async countListeners(): Promise<number> {
    const { channels, channelSwitch, sharedQueues, clock } = this.options;
    const now = clock.now();
    const [queue] = sharedQueues;
    const channel = channels.find((one) => channelSwitch.isUsed(one));
    if (queue === undefined || channel === undefined || now - this.listeners.askedAt < LISTENERS_MS) {
      return this.listeners.count;
    }
    const count = await within(1_000, channel.listeners(queue)).catch(() => this.listeners.count);
    this.listeners = { count: Math.max(1, count), askedAt: now };
    return this.listeners.count;
  }

  private shared(): QueueReaders[] {
    return this.readers.filter(({ queue }) => queue !== this.options.ownQueue);
  }

  private backlog(): number {
    return sum(this.shared().map(({ backlog }) => backlog));
  }

  /**
   * The busiest queue's share of readers at work. All of it where bundles wait, even while readers fetch or store: what
   * waits says that there is more work than this replica does. Not on a channel that is down: nobody could read there.
   */
  private busyNow(): number {
    const { channelSwitch, readersMax } = this.options;
    const busyOf = ({ channel, backlog, atWork }: QueueReaders) =>
      backlog > 0 && channelSwitch.isUp(channel) ? 1 : Math.min(1, atWork / readersMax);
    return Math.max(0, ...this.shared().map(busyOf));
  }
}

const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0);
