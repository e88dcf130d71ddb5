import type { GatewaysBody } from '#contracts';
import { type Attempt, NoAnswerError, type Reply, sendOnce } from './attempt.js';
import { randomId } from './random-id.js';

/** What a call needs beside the gateway it goes to. */
export interface Call {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly path: string;
  /** Session token or operator token. */
  readonly token?: string;
  readonly terminalKey?: string;
  readonly body?: object;
  /** Until one attempt counts as lost, milliseconds. */
  readonly attemptMsMax?: number;
  /** Until the call is given up, milliseconds. */
  readonly callMsMax?: number;
  /** Ends the call early; it then rejects with `NoAnswerError`. */
  readonly signal?: AbortSignal;
}

/** How a call goes, told as it happens, without token and body (a PIN may be in it). Times are milliseconds of `performance.now()`. */
export type CallEvent =
  | {
      readonly kind: 'sent';
      readonly callId: string;
      readonly at: number;
      readonly method: Call['method'];
      readonly path: string;
      readonly origin: string;
      readonly attempt: number;
    }
  | {
      readonly kind: 'lost';
      readonly callId: string;
      readonly at: number;
      readonly origin: string;
      readonly reason: string;
    }
  | {
      readonly kind: 'answered';
      readonly callId: string;
      readonly at: number;
      readonly origin: string;
      readonly reply: Reply<unknown>;
    };

export interface GatewayClientOptions {
  /** Origins of all gateways; the first one is used as long as it answers. */
  readonly origins: readonly string[];
  readonly observe?: (event: CallEvent) => void;
  readonly fetch?: typeof fetch;
}

const ATTEMPT_MS_MAX = 8_000;
const CALL_MS_MAX = 30_000;
/** Pause after each round of all gateways, so that a cluster that is coming back is not hammered: about the first, growing to the largest, jittered by half. */
const ROUND_PAUSE_MS_FIRST = 200;
const ROUND_PAUSE_MS_MAX = 1_600;
const GATEWAYS_MS_MAX = 5_000;

/**
 * The page's way into the cluster: it knows all gateways, and when one gives no answer it repeats the call at the next one with the
 * same Idempotency-Key, so that whatever the first attempt did is done once.
 */
export class GatewayClient {
  private current = 0;
  private readonly send: typeof fetch;

  constructor(private readonly options: GatewayClientOptions) {
    if (options.origins.length === 0) throw new Error('a page needs at least one gateway');
    this.send = options.fetch ?? fetch.bind(globalThis);
  }

  get origins(): readonly string[] {
    return this.options.origins;
  }

  /** The gateway that is used now. */
  get origin(): string {
    return this.options.origins[this.current] as string;
  }

  /** Goes on with the next gateway; of several callers that saw the same one fail only the first moves. */
  moveOn(from: string): void {
    if (this.origin === from) this.current = (this.current + 1) % this.options.origins.length;
  }

  /** Rejects with `NoAnswerError` where no gateway answers in time; refusals of the cluster are answers. */
  async call<Body>(call: Call): Promise<Reply<Body>> {
    const attempt = attemptOf(call);
    const callId = randomId();
    const deadline = AbortSignal.timeout(call.callMsMax ?? CALL_MS_MAX);
    const over = call.signal === undefined ? deadline : AbortSignal.any([deadline, call.signal]);
    for (let lost = 1; ; lost++) {
      const { origin } = this;
      this.tell({
        kind: 'sent',
        callId,
        at: performance.now(),
        method: call.method,
        path: call.path,
        origin,
        attempt: lost,
      });
      try {
        const signal = AbortSignal.any([over, AbortSignal.timeout(call.attemptMsMax ?? ATTEMPT_MS_MAX)]);
        const reply = await sendOnce<Body>(this.send, origin, attempt, signal);
        this.tell({ kind: 'answered', callId, at: performance.now(), origin, reply });
        return reply;
      } catch (error) {
        if (!(error instanceof NoAnswerError)) throw error;
        this.tell({ kind: 'lost', callId, at: performance.now(), origin, reason: error.message });
        if (over.aborted) throw error;
      }
      this.moveOn(origin);
      const { length: gateways } = this.options.origins;
      if (lost % gateways === 0) await pause(roundPauseMs(lost / gateways));
    }
  }

  private tell(event: CallEvent): void {
    this.options.observe?.(event);
  }
}

/** What the cluster says of itself to a page that was loaded from `origin`. Throws `NoAnswerError`. */
export async function readGateways(origin: string): Promise<GatewaysBody> {
  const client = new GatewayClient({ origins: [origin] });
  const reply = await client.call<GatewaysBody>({ method: 'GET', path: '/v1/gateways', callMsMax: GATEWAYS_MS_MAX });
  if (!reply.ok) throw new NoAnswerError(reply.problem.detail);
  return reply.body;
}

function attemptOf({ method, path, token, terminalKey, body }: Call): Attempt {
  return {
    method,
    path,
    headers: {
      ...(terminalKey === undefined ? {} : { 'x-terminal-key': terminalKey }),
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(method === 'GET' ? {} : { 'idempotency-key': randomId() }),
    },
    body: body === undefined ? null : JSON.stringify(body),
  };
}

function roundPauseMs(round: number): number {
  const pauseMs = Math.min(ROUND_PAUSE_MS_MAX, ROUND_PAUSE_MS_FIRST * 2 ** (round - 1));
  return pauseMs * (0.5 + Math.random());
}

const pause = (milliseconds: number) => new Promise<void>((resolve) => setTimeout(resolve, milliseconds));
