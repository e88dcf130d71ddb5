import {
  type ActivePassive,
  allUp,
  dueForProbe,
  inUse,
  isUp,
  observed,
  rotated,
  sendOrder,
  untilProbeMs,
} from '../protocol/active-passive.js';
import type { Consignment } from '../protocol/bundle.js';
import type { ChannelPolicy } from '../protocol/channel-spec.js';
import type { ChannelStatus } from '../messaging.js';
import type { Channel } from '../ports/channel.js';
import type { Clock } from '../ports/clock.js';
import type { Logger } from '../ports/logger.js';
import { ADD_MS_MAX, type Canaries, CanaryLost } from './canaries.js';
import { within } from './deadline.js';
import { Failovers } from './failovers.js';

/** Least time between two looks whether a channel is due for a probe, milliseconds. */
const LOOK_MS_MIN = 500;

/** Longest time that asking for a backlog may take, milliseconds. */
const BACKLOG_MS_MAX = 1_000;

export interface ChannelSwitchOptions {
  readonly channels: readonly Channel[];
  readonly policy: ChannelPolicy;
  readonly canaries: Canaries;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Sends on the channels that `protocol/active-passive.ts` chooses, and finds out how the channels are. */
export class ChannelSwitch {
  readonly failovers: Failovers;
  /** Called when a channel takes what it is given and does not deliver it. */
  onSilence: (channel: Channel) => void = () => undefined;
  /** Called when a channel that senders used went down and another one is up: what it had taken may be lost. */
  onLoss: () => void = () => undefined;
  /** Called when a channel went down or came up. */
  onChange: () => void = () => undefined;
  private state: ActivePassive;
  private turn = 0;
  private started = false;
  private cancelLook: () => void = () => undefined;
  private readonly probing = new Set<string>();
  private readonly canaryMs = new Map<string, number>();

  constructor(private readonly options: ChannelSwitchOptions) {
    const { channels, clock, logger } = options;
    this.state = allUp(channels, clock.now());
    this.failovers = new Failovers(logger);
  }

  start(): void {
    for (const channel of this.options.channels) {
      channel.onLost = () => {
        if (this.isUp(channel)) void this.probe(channel.name);
      };
    }
    this.started = true;
    this.schedule();
  }

  /** Probes no more, since nobody reads the canaries; sending still works. */
  stop(): void {
    this.started = false;
    this.cancelLook();
    for (const channel of this.options.channels) channel.onLost = () => undefined;
  }

  /** Puts the bundles on the best channel that takes them. Rejects where none does. */
  async send({ queue, bundles, channels, attempt }: Consignment): Promise<void> {
    const order = sendOrder(this.state, this.options.policy, this.turn++);
    const leading = channels.length === 0 ? order : order.filter((name) => channels.includes(name));
    for (const name of rotated(leading, attempt - 1)) {
      if (await this.add(name, queue, bundles)) return;
    }
    throw new Error('no channel is up');
  }

  /** Bundles that wait on a queue, over the channels that are up; null where one of them does not tell, or none is up. */
  async backlog(queue: string): Promise<number | null> {
    const up = this.options.channels.filter((channel) => this.isUp(channel));
    if (up.length === 0) return null;
    try {
      const counts = await Promise.all(up.map((channel) => within(BACKLOG_MS_MAX, channel.backlog(queue))));
      return counts.reduce((sum, count) => sum + count, 0);
    } catch {
      return null;
    }
  }

  /** Something has come from the channel: it works, and needs no canary for a while. */
  delivered({ name }: Channel): void {
    if (isUp(this.state, name)) this.state = observed(this.state, name, true, this.options.clock.now());
  }

  isUp({ name }: Channel): boolean {
    return isUp(this.state, name);
  }

  /** Whether messages should be expected on the channel: senders use it, so far as can be seen from here. */
  isUsed({ name }: Channel): boolean {
    if (!isUp(this.state, name)) return false;
    return this.options.policy === 'active-active' || inUse(this.state) === name;
  }

  status(): ChannelStatus[] {
    const now = this.options.clock.now();
    return this.options.channels.map((channel, index) => ({
      name: channel.name,
      kind: channel.kind,
      role: index === 0 || this.options.policy === 'active-active' ? 'active' : 'passive',
      state: this.isUp(channel) ? 'up' : 'down',
      inUse: this.isUsed(channel),
      canarySeconds: seconds(this.canaryMs.get(channel.name)),
      ...this.failovers.status(channel.name, now),
    }));
  }

  private schedule(): void {
    const { clock } = this.options;
    this.cancelLook();
    this.cancelLook = clock.after(Math.max(LOOK_MS_MIN, untilProbeMs(this.state, clock.now())), () => {
      for (const name of dueForProbe(this.state, clock.now())) void this.probe(name);
      this.schedule();
    });
  }

  private async add(name: string, queue: string, bundles: Consignment['bundles']): Promise<boolean> {
    const { clock } = this.options;
    const startedAt = clock.now();
    try {
      await within(ADD_MS_MAX, this.channel(name).add(queue, bundles));
      this.failovers.took(name, clock.now());
      return true;
    } catch (error) {
      this.observe(name, false, startedAt, error);
      return false;
    }
  }

  private async probe(name: string): Promise<void> {
    if (this.probing.has(name)) return;
    this.probing.add(name);
    const { canaries, clock } = this.options;
    const startedAt = clock.now();
    const channel = this.channel(name);
    try {
      this.canaryMs.set(name, await canaries.send(channel));
      this.observe(name, true, startedAt);
    } catch (error) {
      this.canaryMs.delete(name);
      this.observe(name, false, startedAt, error);
      const next = inUse(this.state);
      if (next !== null) this.failovers.took(next, clock.now());
      if (error instanceof CanaryLost) this.onSilence(channel);
    } finally {
      this.probing.delete(name);
    }
  }

  /** Remembers how a channel is; `sinceMs` is when what told it began. */
  private observe(name: string, up: boolean, sinceMs: number, error?: unknown): void {
    const { clock, logger } = this.options;
    const channel = this.channel(name);
    const before = { up: isUp(this.state, name), used: this.isUsed(channel), inUse: inUse(this.state) };
    this.state = observed(this.state, name, up, clock.now());
    if (before.up === up) return;
    if (this.started) this.schedule();
    if (up) {
      logger.info({ channel: name, inUse: inUse(this.state) }, 'channel is up again');
      this.failovers.up(name, before.inUse, this.isUsed(channel), clock.now());
    } else {
      const reason = error instanceof Error ? error.message : String(error);
      logger.warn({ channel: name, inUse: inUse(this.state), reason }, 'channel is down');
      this.failovers.down(name, before.used, sinceMs);
      if (before.used && inUse(this.state) !== null) this.onLoss();
    }
    this.onChange();
  }

  private channel(name: string): Channel {
    const channel = this.options.channels.find((one) => one.name === name);
    if (channel === undefined) throw new RangeError(`no channel ${name}`);
    return channel;
  }
}

const seconds = (milliseconds: number | undefined) => (milliseconds === undefined ? null : milliseconds / 1_000);
