import { adapted, ASLEEP, type Readers, woken } from '../protocol/activation.js';
import { canaryOf } from '../protocol/bundle.js';
import type { Channel, Listener } from '../ports/channel.js';
import type { Clock } from '../ports/clock.js';
import type { Logger } from '../ports/logger.js';
import { within } from './deadline.js';

/** A reader that has been at one bundle for so long is given up and replaced, milliseconds. The bundle comes again. */
const HANDLE_MS_MAX = 60_000;

/** Longest time that asking for the backlog may take, milliseconds. */
const BACKLOG_MS_MAX = 1_000;

/** How long a channel that should be unused is looked at often after something came from it, milliseconds. */
const FOUND_MS = 30_000;

/** A backlog at which nobody works for so long has dead readers, milliseconds. */
const SILENT_MS = 4_000;

export interface QueueReadersOptions {
  readonly channel: Channel;
  readonly queue: string;
  readonly handle: (data: unknown) => Promise<void>;
  readonly onCanary: (canary: string) => void;
  readonly readersMax: number;
  /** Called when the queue was asleep and a bundle has come. */
  readonly onWake: () => void;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** The readers of one queue on one channel: as many as `protocol/activation.ts` gives it, replaced where they are dead. */
export class QueueReaders {
  readonly queue: string;
  readonly channel: Channel;
  /** Bundles that waited at the last look. */
  backlog = 0;
  /** Times that dead readers were replaced. */
  replaced = 0;
  private state: Readers = ASLEEP;
  private listener: Listener;
  private working = 0;
  private busiest = 0;
  private handled = 0;
  private handledBefore = 0;
  private lookedAt: number;
  private foundAt = -Infinity;
  private used = true;
  private silence: { readonly since: number; readonly replaceAfterMs: number } | null = null;
  private looking = false;

  constructor(private readonly options: QueueReadersOptions) {
    this.queue = options.queue;
    this.channel = options.channel;
    this.lookedAt = options.clock.now();
    this.listener = this.listen();
  }

  get readers(): number {
    return this.state.readers;
  }

  /** Bundles handled since the process started. */
  get drained(): number {
    return this.handled;
  }

  get atWork(): number {
    return this.working;
  }

  get isAwake(): boolean {
    return this.state.readers > 0;
  }

  /** Whether there is a backlog that nobody works at. */
  get isSilent(): boolean {
    return this.silence !== null && this.silence.replaceAfterMs > SILENT_MS;
  }

  /** Whether senders should be using the channel; one that they should not is looked at less often. */
  expect(used: boolean): void {
    this.used = used;
    this.setPace();
  }

  /** Gives the queue as many readers as it now needs. */
  async look(): Promise<void> {
    if (this.looking) return;
    this.looking = true;
    try {
      const foundEmpty = this.listener.foundEmpty();
      const outran = this.handled > this.handledBefore && !foundEmpty;
      const saturated = outran || this.busiest >= Math.max(1, this.state.readers) || !this.isAwake;
      const backlog = saturated ? await this.readBacklog() : 0;
      if (backlog !== null) this.adapt(backlog);
    } finally {
      this.looking = false;
    }
  }

  /** Opens new readers beside those there are, which end with what they are doing. */
  replace(reason: string): void {
    this.replaced++;
    this.options.logger.warn({ channel: this.channel.name, queue: this.queue, reason }, 'readers replaced');
    const old = this.listener;
    this.listener = this.listen();
    void old.close();
  }

  close(): Promise<void> {
    return this.listener.close();
  }

  private listen(): Listener {
    const listener = this.options.channel.listen(this.queue, (data) => this.read(data));
    listener.allow(Math.max(1, this.state.readers));
    listener.look(this.pace());
    return listener;
  }

  private async read(data: unknown): Promise<void> {
    const canary = canaryOf(data);
    if (canary !== null) return this.options.onCanary(canary);
    const asleep = !this.isAwake;
    if (!this.used) this.foundHere();
    this.state = woken(this.state);
    this.busiest = Math.max(this.busiest, ++this.working);
    if (asleep) this.options.onWake();
    try {
      await within(HANDLE_MS_MAX, this.options.handle(data));
    } finally {
      this.working--;
      this.handled++;
    }
  }

  private async readBacklog(): Promise<number | null> {
    try {
      return await within(BACKLOG_MS_MAX, this.options.channel.backlog(this.queue));
    } catch {
      return null;
    }
  }

  private adapt(backlog: number): void {
    const now = this.options.clock.now();
    const load = {
      backlog,
      handled: this.handled - this.handledBefore,
      busiest: this.busiest,
      elapsedMs: now - this.lookedAt,
    };
    const before = this.state.readers;
    this.state = adapted(this.state, load, this.options.readersMax, now);
    if (this.state.readers !== before) this.listener.allow(Math.max(1, this.state.readers));
    this.watchForSilence(load);
    this.backlog = backlog;
    this.handledBefore = this.handled;
    this.busiest = this.working;
    this.lookedAt = now;
    this.setPace();
  }

  private watchForSilence({ backlog, handled }: { readonly backlog: number; readonly handled: number }): void {
    if (backlog === 0 || handled > 0 || this.working > 0) {
      this.silence = null;
      return;
    }
    const now = this.options.clock.now();
    this.silence ??= { since: now, replaceAfterMs: SILENT_MS };
    const { since, replaceAfterMs } = this.silence;
    if (now - since < replaceAfterMs) return;
    // Ever more seldom: a queue that somebody paused stays silent whoever reads it.
    this.silence = { since, replaceAfterMs: replaceAfterMs * 2 };
    this.replace('a backlog, and nobody at work');
  }

  private foundHere(): void {
    this.foundAt = this.options.clock.now();
    this.setPace();
  }

  private setPace(): void {
    this.listener.look(this.pace());
  }

  private pace(): 'often' | 'seldom' {
    return this.used || this.options.clock.now() - this.foundAt < FOUND_MS ? 'often' : 'seldom';
  }
}
