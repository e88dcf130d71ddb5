import { type ReadonlySignal, signal } from '@preact/signals';
import type { Reply } from '../../shared/api/attempt.js';
import type { CallEvent } from '../../shared/api/gateway-client.js';

export interface AttemptRecord {
  readonly origin: string;
  /** Why it gave no answer; null where it did, or still may. */
  readonly lost: string | null;
  readonly reply: Pick<Reply<unknown>, 'status' | 'servedBy' | 'gateway' | 'replayed'> | null;
  /** From the first attempt to the answer. */
  readonly milliseconds: number;
}

/** One call of the page with all its attempts; without content. */
export interface CallRecord {
  readonly callId: string;
  readonly method: string;
  readonly path: string;
  readonly startedAt: number;
  readonly attempts: readonly AttemptRecord[];
}

const CALLS_MAX = 60;

/** The calls of the current customer. */
export class CallLog {
  readonly #calls = signal<readonly CallRecord[]>([]);

  get calls(): ReadonlySignal<readonly CallRecord[]> {
    return this.#calls;
  }

  /** For the next customer. */
  clear(): void {
    this.#calls.value = [];
  }

  readonly observe = (event: CallEvent): void => {
    this.#calls.value = withEvent(this.#calls.value, event);
  };
}

/** The log after an event; what belongs to a call that is not in it any more is left out. */
export function withEvent(calls: readonly CallRecord[], event: CallEvent): readonly CallRecord[] {
  const { callId, origin, at } = event;
  const open: AttemptRecord = { origin, lost: null, reply: null, milliseconds: 0 };
  if (event.kind === 'sent' && event.attempt === 1) {
    const { method, path } = event;
    return [...calls, { callId, method, path, startedAt: at, attempts: [open] }].slice(-CALLS_MAX);
  }
  return calls.map((call) => {
    if (call.callId !== callId) return call;
    const earlier = event.kind === 'sent' ? call.attempts : call.attempts.slice(0, -1);
    return { ...call, attempts: [...earlier, attemptAfter(open, event, at - call.startedAt)] };
  });
}

function attemptAfter(open: AttemptRecord, event: CallEvent, milliseconds: number): AttemptRecord {
  if (event.kind === 'lost') return { ...open, lost: event.reason, milliseconds };
  if (event.kind === 'sent') return open;
  const { status, servedBy, gateway, replayed } = event.reply;
  return { ...open, reply: { status, servedBy, gateway, replayed }, milliseconds };
}
