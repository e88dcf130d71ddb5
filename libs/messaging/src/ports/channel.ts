import type { Bundle } from '../protocol/bundle.js';

/** Reads one queue of one channel until closed. */
export interface Listener {
  /** How many bundles may be handled at the same time from now on, at least 1. */
  allow(readers: number): void;
  /** Whether the queue was found empty since this was asked before. */
  foundEmpty(): boolean;
  /**
   * How often the queue is looked at without being told that something is there: `often` where work is to be expected,
   * `seldom` on a channel that nobody should be using now. A message is announced, and read at once, in either case.
   */
  look(pace: 'often' | 'seldom'): void;
  /** Takes nothing new, waits for the bundles being handled (bounded), lets go of the connections. */
  close(): Promise<void>;
}

/**
 * A transport path that may lose, repeat and reorder whatever it is given, be down at any time, and come back. No
 * method keeps the process from starting; connecting happens in the background.
 */
export interface Channel {
  readonly name: string;
  readonly kind: 'redis' | 'postgres';
  /** How often it may be probed while nothing comes from it, milliseconds; the dearer a probe, the more seldom. */
  readonly idleProbeMs: number;
  /** Called when the channel sees by itself that its connection is lost, where it can: nobody need find out with a message. */
  onLost?: () => void;
  /** Resolves once the channel has the bundles. Rejects soon where it is not there; they may have arrived all the same. */
  add(queue: string, bundles: readonly Bundle[]): Promise<void>;
  /** Calls `handle` with the data of every job of the queue, one at a time, now and whenever the channel is there again. */
  listen(queue: string, handle: (data: unknown) => Promise<void>): Listener;
  /** Bundles that wait on the queue. */
  backlog(queue: string): Promise<number>;
  /** Processes that listen on the queue; 0 where the channel cannot tell. */
  listeners(queue: string): Promise<number>;
  /** Lets go of the senders' connections. Listeners are closed before. */
  close(): Promise<void>;
}
