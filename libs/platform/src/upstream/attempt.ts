import type { IncomingHttpHeaders } from 'node:http';
import type { Dispatcher } from 'undici';

/** A complete HTTP answer. */
export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** Text where it came as such, within the answer to a group. */
  readonly body: Buffer | string;
}

/** Why an attempt brought no answer. */
export class AttemptFailure {
  constructor(
    readonly reason: 'not-connected' | 'lost' | 'timed-out' | 'too-large',
    /** Whether anything of the request may have reached the replica. */
    readonly sent: boolean,
    readonly cause: unknown,
  ) {}
}

export interface AttemptLimits {
  readonly timeoutMs: number;
  /** Largest body that is taken in, bytes. */
  readonly bytesMax: number;
}

/** Sends one request once and collects the answer. Rejects only for a request that could never be sent (a fault of the caller). */
export function attempt(
  dispatcher: Dispatcher,
  request: Dispatcher.DispatchOptions,
  limits: AttemptLimits,
): Promise<Answer | AttemptFailure> {
  return new Promise((resolve, reject) => {
    dispatcher.dispatch(request, new AnswerCollector(resolve, reject, limits));
  });
}

const EMPTY = Buffer.alloc(0);

/** undici's own time-outs have a resolution of half a second, so they are off and this one timer covers queueing, connecting and answering. */
class AnswerCollector implements Dispatcher.DispatchHandler {
  private controller: Dispatcher.DispatchController | undefined;
  private settled = false;
  private status = 0;
  private headers: IncomingHttpHeaders = {};
  private chunks: Buffer[] = [];
  private bytes = 0;
  private readonly timer: NodeJS.Timeout;

  constructor(
    private readonly resolve: (outcome: Answer | AttemptFailure) => void,
    private readonly reject: (error: Error) => void,
    private readonly limits: AttemptLimits,
  ) {
    this.timer = setTimeout(() => this.giveUp('timed-out'), limits.timeoutMs);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.controller = controller;
    if (this.settled) controller.abort(new Error('given up while waiting for a connection'));
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number, headers: IncomingHttpHeaders): void {
    this.status = status;
    this.headers = headers;
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.bytes += chunk.length;
    if (this.bytes > this.limits.bytesMax) this.giveUp('too-large');
    else this.chunks.push(chunk);
  }

  onResponseEnd(): void {
    const [first = EMPTY] = this.chunks;
    const body = this.chunks.length > 1 ? Buffer.concat(this.chunks, this.bytes) : first;
    this.settle({ status: this.status, headers: this.headers, body });
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    if ((error as { code?: string }).code === 'UND_ERR_INVALID_ARG') {
      clearTimeout(this.timer);
      this.reject(error);
      return;
    }
    const sent = this.controller !== undefined;
    this.settle(new AttemptFailure(sent ? 'lost' : 'not-connected', sent, error));
  }

  private giveUp(reason: 'timed-out' | 'too-large'): void {
    this.settle(new AttemptFailure(reason, this.controller !== undefined, undefined));
    this.controller?.abort(new Error(reason));
  }

  private settle(outcome: Answer | AttemptFailure): void {
    if (this.settled) return;
    this.settled = true;
    clearTimeout(this.timer);
    this.resolve(outcome);
  }
}
