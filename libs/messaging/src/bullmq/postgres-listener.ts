import type { Listener } from '../ports/channel.js';
import type { RunningHandlers } from './running-handlers.js';

/** Between two attempts to have a worker, milliseconds. */
const REOPEN_MS = 1_000;

/**
 * Seconds between two looks for jobs that nobody has told of. New jobs are announced by NOTIFY; looking without being told is only a
 * backstop, and costs transactions.
 */
export const LOOK_SECONDS = { often: 120, seldom: 600 } as const;

/** The part of a BullMQ worker that is used. */
interface Reader {
  readonly opts: { drainDelay?: number };
  waitUntilReady(): Promise<unknown>;
  close(): Promise<void>;
}

/** Keeps trying to have a worker: one of BullMQ's whose first connection failed remembers that for ever. */
export class PostgresListener implements Listener {
  private readonly closing = new AbortController();
  private readonly running: Promise<void>;
  private reader: Reader | null = null;
  private pace: 'often' | 'seldom' = 'often';

  constructor(
    private readonly handlers: RunningHandlers,
    private readonly start: () => Reader,
    /** Resolves where the channel's tables are there. */
    private readonly ready: () => Promise<void>,
    private readonly closed: () => void,
  ) {
    this.running = this.run();
  }

  allow(readers: number): void {
    this.handlers.allow(readers);
  }

  foundEmpty(): boolean {
    return this.handlers.foundEmpty();
  }

  look(pace: 'often' | 'seldom'): void {
    this.pace = pace;
    if (this.reader !== null) this.reader.opts.drainDelay = LOOK_SECONDS[pace];
  }

  close(): Promise<void> {
    return this.handlers.closeAfter(() => {
      this.closing.abort();
      return this.running.finally(this.closed);
    });
  }

  private async run(): Promise<void> {
    const { signal } = this.closing;
    const closed = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
    while (!signal.aborted) {
      const reader = await this.open();
      this.reader = reader;
      this.look(this.pace);
      await (reader === null ? Promise.race([closed, pause(REOPEN_MS)]) : closed);
      await reader?.close();
    }
  }

  private async open(): Promise<Reader | null> {
    let reader: Reader | null = null;
    try {
      await this.ready();
      reader = this.start();
      await reader.waitUntilReady();
      return reader;
    } catch {
      await reader?.close().catch(() => undefined);
      return null;
    }
  }
}

const pause = (delayMs: number) => new Promise<void>((resolve) => setTimeout(resolve, delayMs).unref());
