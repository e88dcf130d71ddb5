import { randomUUIDv7 } from 'node:crypto';
import type { Channel } from '../ports/channel.js';
import type { Clock } from '../ports/clock.js';
import { within } from './deadline.js';

/** An add that takes longer counts as failed, milliseconds, whatever the adapter promises. */
export const ADD_MS_MAX = 750;

/** A canary comes back within so many turns, or is lost. Turns, so that a process that stood still blames no channel. */
const TURNS_MAX = 20;

const TURN_MS = 50;

/** The channel takes what it is given, and does not deliver it. */
export class CanaryLost extends Error {}

/**
 * Finds out whether a channel works by what it is there for: a canary is put on the queue that only this replica reads,
 * and has to come back from it. That an add succeeds or a connection answers says too little: readers may be dead, the
 * queue paused, a connection half open.
 */
export class Canaries {
  /** By channel and canary. */
  private readonly flying = new Map<string, () => void>();

  constructor(
    private readonly queue: string,
    private readonly clock: Clock,
  ) {}

  /** Resolves when the canary is back, with the milliseconds it took. Rejects where the channel does not take it, or keeps it. */
  async send(channel: Channel): Promise<number> {
    const canary = randomUUIDv7();
    const key = keyOf(channel, canary);
    const sentAt = this.clock.now();
    const back = new Promise<void>((resolve) => this.flying.set(key, resolve));
    try {
      await within(ADD_MS_MAX, channel.add(this.queue, [{ envelopes: [], canary }]));
      await Promise.race([back, this.lost(key)]);
      return this.clock.now() - sentAt;
    } finally {
      this.flying.delete(key);
    }
  }

  /** A canary has come from `channel`, perhaps one that an earlier process sent. */
  returned(channel: Channel, canary: string): void {
    this.flying.get(keyOf(channel, canary))?.();
  }

  /** Takes no more turns once the canary is back. */
  private async lost(key: string): Promise<void> {
    for (let turn = 0; turn < TURNS_MAX; turn++) {
      await new Promise<void>((resolve) => void this.clock.after(TURN_MS, resolve));
      if (!this.flying.has(key)) return;
    }
    throw new CanaryLost(`a canary did not come back within ${TURNS_MAX * TURN_MS} ms`);
  }
}

const keyOf = (channel: Channel, canary: string) => `${channel.name} ${canary}`;
