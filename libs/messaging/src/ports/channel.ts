import type { Bundle } from '../protocol/bundle.js';

/** Reads one queue of one channel until closed. */
export interface Listener {
  /** Takes nothing new, waits for the bundles being handled (bounded), lets go of the connections. */
  close(): Promise<void>;
}

export interface ListenOptions {
  /** Bundles that are handled at the same time. */
  readonly concurrency: number;
}

/**
 * A transport path that may lose, repeat and reorder whatever it is given, be down at any time, and come back. No
 * method keeps the process from starting; connecting happens in the background.
 */
export interface Channel {
  readonly name: string;
  readonly kind: 'redis' | 'postgres';
  /** How often it may be probed while nothing is sent on it, milliseconds; the dearer a probe, the more seldom. */
  readonly idleProbeMs: number;
  /** Resolves once the channel has the bundles. Rejects soon where it is not there; they may have arrived all the same. */
  add(queue: string, bundles: readonly Bundle[]): Promise<void>;
  /** Calls `handle` with the data of every job of the queue, now and whenever the channel is there again. */
  listen(queue: string, handle: (data: unknown) => Promise<void>, options: ListenOptions): Listener;
  /** Resolves where the channel answers. */
  probe(): Promise<void>;
  /** Lets go of the senders' connections. Listeners are closed before. */
  close(): Promise<void>;
}
