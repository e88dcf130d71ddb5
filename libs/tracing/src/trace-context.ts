import { AsyncLocalStorage } from 'node:async_hooks';

/** Where an application keeps the W3C trace context of what it does at the moment. */
export interface TraceContext {
  /** `traceparent` of what runs now; undefined where it belongs to no trace, or to several. */
  current(): string | undefined;
  /** Runs `work`, and all that it starts, as part of the trace; of none where `traceparent` is undefined. */
  run<Result>(traceparent: string | undefined, work: () => Result): Result;
}

const storage = new AsyncLocalStorage<string | undefined>();

/** The process's own, which follows calls, promises and timers. */
export const TRACE_CONTEXT: TraceContext = {
  current: () => storage.getStore(),
  run: (traceparent, work) => storage.run(traceparent, work),
};
