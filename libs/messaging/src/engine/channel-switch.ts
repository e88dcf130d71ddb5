import {
  type ActivePassive,
  allUp,
  dueForProbe,
  inUse,
  isUp,
  observed,
  sendOrder,
} from '../protocol/active-passive.js';
import type { Bundle } from '../protocol/bundle.js';
import type { Channel } from '../ports/channel.js';
import type { Clock } from '../ports/clock.js';
import type { Logger } from '../ports/logger.js';
import { within } from './deadline.js';

/** An add or probe that takes longer counts as failed, milliseconds, whatever the adapter promises. */
const ANSWER_MS_MAX = 1_000;

/** How often it is looked whether a channel is due for a probe, milliseconds; costs nothing where none is. */
const LOOK_MS = 500;

/** Sends on the channel that `protocol/active-passive.ts` chooses, and finds out how the channels are. */
export class ChannelSwitch {
  private state: ActivePassive;
  private cancelLook: () => void = () => undefined;
  private readonly probing = new Set<string>();

  constructor(
    private readonly channels: readonly Channel[],
    private readonly clock: Clock,
    private readonly logger: Logger,
  ) {
    this.state = allUp(channels, clock.now());
  }

  start(): void {
    this.cancelLook = this.clock.after(LOOK_MS, () => {
      for (const name of dueForProbe(this.state, this.clock.now())) void this.probe(name);
      this.start();
    });
  }

  stop(): void {
    this.cancelLook();
  }

  /** Puts the bundles on the best channel that takes them. Rejects where none does. */
  async send(queue: string, bundles: readonly Bundle[]): Promise<void> {
    for (const name of sendOrder(this.state)) {
      if (await this.tell(name, (channel) => channel.add(queue, bundles))) return;
    }
    throw new Error('no channel is up');
  }

  status(): {
    name: string;
    kind: Channel['kind'];
    role: 'active' | 'passive';
    state: 'up' | 'down';
    inUse: boolean;
  }[] {
    return this.channels.map(({ name, kind }, index) => ({
      name,
      kind,
      role: index === 0 ? 'active' : 'passive',
      state: isUp(this.state, name) ? 'up' : 'down',
      inUse: inUse(this.state) === name,
    }));
  }

  private async probe(name: string): Promise<void> {
    if (this.probing.has(name)) return;
    this.probing.add(name);
    await this.tell(name, (channel) => channel.probe());
    this.probing.delete(name);
  }

  /** Does something with a channel and remembers whether that worked. */
  private async tell(name: string, act: (channel: Channel) => Promise<void>): Promise<boolean> {
    const channel = this.channels.find((one) => one.name === name);
    if (channel === undefined) throw new RangeError(`no channel ${name}`);
    try {
      await within(ANSWER_MS_MAX, act(channel));
      this.observe(name, true);
      return true;
    } catch (error) {
      this.observe(name, false, error);
      return false;
    }
  }

  private observe(name: string, up: boolean, error?: unknown): void {
    const before = { up: isUp(this.state, name), inUse: inUse(this.state) };
    this.state = observed(this.state, name, up, this.clock.now());
    if (before.up === up) return;
    const context = { channel: name, inUse: inUse(this.state) };
    if (up) this.logger.info(context, 'channel is up again');
    else
      this.logger.warn(
        { ...context, reason: error instanceof Error ? error.message : String(error) },
        'channel is down',
      );
  }
}
