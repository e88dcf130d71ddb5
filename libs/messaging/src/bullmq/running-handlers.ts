import { setImmediate as nextTurn } from 'node:timers/promises';
import { settlesWithin } from '../engine/deadline.js';

/** Longest wait for running handlers when a reader closes, milliseconds. */
const HANDLERS_MS_MAX = 5_000;

/** Longest wait for the channel to hear of it, milliseconds: one that is dead never will. */
const CLOSE_MS_MAX = 1_000;

/**
 * The handlers of a reader that are running. A job is done when it has arrived: nobody but its source would send it again, so that it need not be
 * active, with a lock, for as long as it is handled. Only when as many run as are allowed does the last one stay, and its worker asks for no more.
 */
export class RunningHandlers {
  private readonly running = new Set<Promise<void>>();
  private allowed = 1;
  private changed: () => void = () => undefined;
  private sawEmpty = false;

  constructor(private readonly handle: (data: unknown) => Promise<void>) {}

  /** How many may run at the same time from now on, at least 1. */
  allow(handlers: number): void {
    this.allowed = handlers;
    this.changed();
  }

  /** For a worker's event `drained`. */
  readonly onDrained = (): void => {
    this.sawEmpty = true;
  };

  /** Whether the queue was found empty since this was asked before. */
  foundEmpty(): boolean {
    const { sawEmpty } = this;
    this.sawEmpty = false;
    return sawEmpty;
  }

  /** What a BullMQ worker, which takes one job at a time, calls for each. */
  readonly process = async ({ data }: { readonly data: unknown }): Promise<void> => {
    const handling = this.handle(data)
      .catch(() => undefined)
      .finally(() => {
        this.running.delete(handling);
        this.changed();
      });
    this.running.add(handling);
    while (this.running.size >= this.allowed) await new Promise<void>((resolve) => (this.changed = resolve));
    // Those who come together find each other in the first turn, and what they do leaves for the database: that is urgent, telling the channel is not.
    await nextTurn();
    await nextTurn();
  };

  /** `close` stops the worker from taking jobs at once, and resolves when its channel knows. */
  async closeAfter(close: () => Promise<void>): Promise<void> {
    const closing = close();
    await settlesWithin(HANDLERS_MS_MAX, Promise.allSettled(this.running));
    await settlesWithin(CLOSE_MS_MAX, closing);
  }
}
