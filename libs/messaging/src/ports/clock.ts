import { AsyncLocalStorage } from 'node:async_hooks';

/** Time, as the library sees it. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Runs `task` once after `delayMs`, in no trace; the result cancels it. Does not keep the process alive. */
  after(delayMs: number, task: () => void): () => void;
}

const inNoContext = AsyncLocalStorage.snapshot();

export const SYSTEM_CLOCK: Clock = {
  now: () => Date.now(),
  after(delayMs, task) {
    const timer = inNoContext(() => setTimeout(task, delayMs)).unref();
    return () => clearTimeout(timer);
  },
};
