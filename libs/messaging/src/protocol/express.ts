import type { JsonValue } from './envelope.js';

/** An express request that waits for its answer, with the copy that is sent again. */
export interface Pending<Copy> {
  readonly copy: Copy;
  readonly attempts: number;
  /** When the attempt under way counts as lost, milliseconds. */
  readonly dueAt: number;
  readonly attemptTimeoutMs: number;
  readonly attemptsMax: number;
}

/**
 * Express requests in flight, by message id. Kept in memory only: they die with the process, which is what makes
 * them fast. Pure: time is passed in, milliseconds, and whoever calls does the sending.
 */
export class PendingRequests<Copy> {
  private readonly pending = new Map<string, Pending<Copy>>();

  /** The first attempt is under way. */
  open(
    messageId: string,
    copy: Copy,
    limits: { readonly attemptTimeoutMs: number; readonly attemptsMax: number },
    now: number,
  ): void {
    const { attemptTimeoutMs, attemptsMax } = limits;
    this.pending.set(messageId, { copy, attempts: 1, dueAt: now + attemptTimeoutMs, attemptTimeoutMs, attemptsMax });
  }

  /** Takes the request that is answered; undefined where the answer comes late or a second time. */
  close(messageId: string): Pending<Copy> | undefined {
    const pending = this.pending.get(messageId);
    this.pending.delete(messageId);
    return pending;
  }

  /** Requests whose attempt is lost: those to be sent again, counted as sent, and those given up and forgotten. */
  expire(now: number): { readonly again: Pending<Copy>[]; readonly givenUp: Pending<Copy>[] } {
    const lost = [...this.pending].filter(([, { dueAt }]) => dueAt <= now);
    const again: Pending<Copy>[] = [];
    const givenUp: Pending<Copy>[] = [];
    for (const [messageId, request] of lost) {
      if (request.attempts >= request.attemptsMax) {
        this.pending.delete(messageId);
        givenUp.push(request);
      } else {
        const next = { ...request, attempts: request.attempts + 1, dueAt: now + request.attemptTimeoutMs };
        this.pending.set(messageId, next);
        again.push(next);
      }
    }
    return { again, givenUp };
  }

  get isEmpty(): boolean {
    return this.pending.size === 0;
  }

  /** Gives up everything. */
  closeAll(): Pending<Copy>[] {
    const all = [...this.pending.values()];
    this.pending.clear();
    return all;
  }
}

/** Body of an `express-answer`: what the handler returned, or why there is nothing. */
export type ExpressReply = { readonly answer: JsonValue } | { readonly error: string };

/** Reads the body of an `express-answer`. */
export function readExpressReply(body: JsonValue): ExpressReply {
  const reply = body as { readonly answer?: JsonValue; readonly error?: JsonValue } | null;
  if (reply?.answer !== undefined) return { answer: reply.answer };
  return { error: typeof reply?.error === 'string' ? reply.error : 'unreadable answer' };
}
