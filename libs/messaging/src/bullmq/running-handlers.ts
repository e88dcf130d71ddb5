import { settlesWithin } from '../engine/deadline.js';

/** Longest wait for running handlers when a reader closes, milliseconds. */
const HANDLERS_MS_MAX = 5_000;

/** Longest wait for the channel to hear of it, milliseconds: one that is dead never will. */
const CLOSE_MS_MAX = 1_000;

/** Knows which handlers of a reader are running, so that closing waits for them and not for a channel that is gone. */
export class RunningHandlers {
  private readonly running = new Set<Promise<void>>();

  constructor(private readonly handle: (data: unknown) => Promise<void>) {}

  /** What a BullMQ worker calls for each job. */
  readonly process = async ({ data }: { readonly data: unknown }): Promise<void> => {
    const handling = this.handle(data);
    this.running.add(handling);
    try {
      await handling;
    } finally {
      this.running.delete(handling);
    }
  };

  /** `close` stops the worker from taking jobs at once, and resolves when its channel knows. */
  async closeAfter(close: () => Promise<void>): Promise<void> {
    const closing = close();
    await settlesWithin(HANDLERS_MS_MAX, Promise.allSettled(this.running));
    await settlesWithin(CLOSE_MS_MAX, closing);
  }
}
