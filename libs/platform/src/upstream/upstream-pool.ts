import type { IncomingHttpHeaders } from 'node:http';
import type { Dispatcher } from 'undici';
import type { Logger } from 'pino';
import { HEADER } from '#contracts';
import { TRACE_CONTEXT } from '#tracing';
import { AttemptFailure, type Answer, type AttemptLimits } from './attempt.js';
import type { ReplicaRequest } from './call-groups.js';
import type { EndpointSource } from './endpoints.js';
import { Replica, type UpstreamMember } from './replica.js';
import { UpstreamUnavailable } from './upstream-unavailable.js';

export interface UpstreamPoolOptions {
  /** Of the upstream, for messages: `account-a`. */
  readonly name: string;
  readonly endpoints: EndpointSource;
  /** Sent as `x-cluster-key` with every request, where given. */
  readonly clusterKey?: string;
  readonly logger?: Pick<Logger, 'info' | 'warn'>;
  /** Largest answer that is taken in, bytes. */
  readonly answerBytesMax?: number;
}

export interface UpstreamRequest {
  readonly method: Dispatcher.HttpMethod;
  /** With the query, beginning with a slash. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Buffer | string;
  /** For the whole call, all attempts and pauses together. */
  readonly timeoutMs: number;
  /** For one attempt; a third of the whole where not given. */
  readonly attemptTimeoutMs?: number;
  /** How long to go on while every known replica refuses connections; as long as the whole call where not given. */
  readonly failFastMs?: number;
  /**
   * `other-replicas`: the request is idempotent and may be repeated whatever happened to an attempt. `never`: it is repeated only
   * where nothing of it was sent.
   */
  readonly retry: 'other-replicas' | 'never';
  /** Where replicas take calls of this kind in groups: those that are made at the same moment then share a request. */
  readonly groupPath?: string;
}

export interface UpstreamAnswer extends Answer {
  readonly headers: IncomingHttpHeaders;
  /** Name of the replica that answered, as it calls itself (X-Served-By), else its URL. */
  readonly replica: string;
}

/** A request to replicas that the caller names: no balancing, no repeats. */
export type DirectRequest = Pick<UpstreamRequest, 'method' | 'path' | 'headers' | 'body' | 'timeoutMs'>;

/** What one certain replica answered; null where it did not. */
export interface ReplicaAnswer {
  readonly url: string;
  /** As it calls itself, once it has answered anything; its URL until then. */
  readonly name: string;
  readonly answer: UpstreamAnswer | null;
}

const ANSWER_BYTES_MAX = 16 * 1024 * 1024;

/** Pause once every replica has been tried, milliseconds: about the first, growing to the largest, jittered by half. */
const PAUSE_MS_FIRST = 20;
const PAUSE_MS_MAX = 200;

/** While nobody calls it is asked so many times more seldom who the replicas are: each time wakes the process up. */
const REST = 10;

/**
 * The replicas of one upstream behind one call. Takes the healthy replica with the fewest outstanding calls, goes to another one when it
 * dies, and survives that all of them are away for a while. Health is learned from the calls and, while there are any, from
 * `GET /health/ready`.
 */
export class UpstreamPool {
  private replicas: readonly Replica[] = [];
  /** The same replicas in the order of this round's turns. */
  private turns: Replica[] = [];
  private next = 0;
  private readonly discovery: NodeJS.Timeout | undefined;
  private readonly discovered: Promise<void>;
  private isDiscovered = false;
  private askedAt = -Infinity;
  private discoveryFault = '';

  constructor(private readonly options: UpstreamPoolOptions) {
    this.discovered = this.discover().then(() => void (this.isDiscovered = true));
    const { refreshMs } = options.endpoints;
    if (refreshMs !== null) this.discovery = setInterval(() => void this.discover(), REST * refreshMs).unref();
  }

  /** Resolves to whatever a replica answered, errors of the application included. Throws `UpstreamUnavailable`. */
  async request(request: UpstreamRequest): Promise<UpstreamAnswer> {
    if (!this.isDiscovered) await this.discovered;
    this.keepUpToDate();
    return new UpstreamCall(request, this.options, (tried) => this.choose(tried)).run();
  }

  /** Asks every replica known, whatever its state, once and at the same time. */
  async requestEach(request: DirectRequest): Promise<ReplicaAnswer[]> {
    if (!this.isDiscovered) await this.discovered;
    this.keepUpToDate();
    return Promise.all(
      this.replicas.map(async (replica) => {
        const answer = await this.askOnce(replica, request);
        return { url: replica.url, name: replica.name ?? replica.url, answer };
      }),
    );
  }

  /** Asks one certain replica once; null where it does not answer or is not known. */
  async requestAt(url: string, request: DirectRequest): Promise<UpstreamAnswer | null> {
    const replica = this.replicas.find((known) => known.url === url);
    return replica === undefined ? null : this.askOnce(replica, request);
  }

  private async askOnce(replica: Replica, request: DirectRequest): Promise<UpstreamAnswer | null> {
    const limits = { timeoutMs: request.timeoutMs, bytesMax: this.options.answerBytesMax ?? ANSWER_BYTES_MAX };
    const outcome = await replica.ask(dispatchOf(request, this.options), limits);
    return outcome instanceof AttemptFailure ? null : answerOf(outcome, replica);
  }

  members(): UpstreamMember[] {
    this.keepUpToDate();
    return this.replicas.map((replica) => replica.member());
  }

  /** How many calls each replica that is known has answered, by its name. */
  answersByReplica(): Readonly<Record<string, number>> {
    const named = this.members().flatMap(({ name, answers }) => (name === null ? [] : [[name, answers] as const]));
    return Object.fromEntries(named);
  }

  /** Lets running calls finish. */
  async close(): Promise<void> {
    clearInterval(this.discovery);
    await Promise.all(this.replicas.map((replica) => replica.retire()));
  }

  /** Least outstanding among the healthy ones not tried, ties in turn; where none is healthy, among all that were not tried. */
  private choose(tried: ReadonlySet<Replica>): Replica | undefined {
    const turns = this.nextTurn();
    const anyHealthy = turns.some((replica) => replica.state === 'healthy');
    let best: Replica | undefined;
    for (let offset = 0; offset < turns.length; offset++) {
      const replica = turns[(this.next + offset) % turns.length];
      if (replica === undefined || (anyHealthy && replica.state !== 'healthy') || tried.has(replica)) continue;
      if (best === undefined || replica.outstanding < best.outstanding) best = replica;
    }
    return best;
  }

  /** Each round has an order of its own: in a fixed one, a lone caller's first of two calls would always meet the same one of two replicas. */
  private nextTurn(): readonly Replica[] {
    this.next += 1;
    if (this.next >= this.turns.length) {
      this.next = 0;
      shuffle(this.turns);
    }
    return this.turns;
  }

  /** Nobody waits for it: who is gone refuses the call, and the next attempt knows the others. */
  private keepUpToDate(): void {
    const { refreshMs } = this.options.endpoints;
    if (refreshMs !== null && performance.now() - this.askedAt >= refreshMs) void this.discover();
  }

  /** Failing keeps what is known: a name server that is away must not take the replicas with it. */
  private async discover(): Promise<void> {
    this.askedAt = performance.now();
    try {
      const urls = await this.options.endpoints.read();
      this.discoveryFault = '';
      this.take(urls);
    } catch (error) {
      const fault = error instanceof Error ? error.message : String(error);
      if (fault !== this.discoveryFault) {
        this.options.logger?.warn({ upstream: this.options.name, fault }, 'replicas cannot be discovered');
      }
      this.discoveryFault = fault;
    }
  }

  private take(urls: readonly string[]): void {
    const known = new Map(this.replicas.map((replica) => [replica.url, replica]));
    if (urls.length === known.size && urls.every((url) => known.has(url))) return;
    this.replicas = urls.map((url) => known.get(url) ?? this.introduce(url));
    this.turns = [...this.replicas];
    this.next = this.turns.length;
    const gone = [...known.values()].filter((replica) => !urls.includes(replica.url));
    for (const replica of gone) void replica.retire();
    this.options.logger?.info({ upstream: this.options.name, urls }, 'replicas discovered');
  }

  private introduce(url: string): Replica {
    return new Replica(url, (_url, state, reason) => {
      this.options.logger?.info({ upstream: this.options.name, url, state, reason }, 'replica changed');
    });
  }
}

/** One request on its way over the replicas until one answers or the time is up. */
class UpstreamCall {
  private readonly begunAt = Date.now();
  private readonly tried = new Set<Replica>();
  private readonly dispatch: ReplicaRequest;
  private pauseMs = PAUSE_MS_FIRST;
  private maybeReceived = false;
  private cause: unknown;

  constructor(
    private readonly request: UpstreamRequest,
    private readonly options: UpstreamPoolOptions,
    private readonly choose: (tried: ReadonlySet<Replica>) => Replica | undefined,
  ) {
    const { groupPath } = request;
    this.dispatch = { ...dispatchOf(request, options), ...(groupPath === undefined ? {} : { groupPath }) };
  }

  async run(): Promise<UpstreamAnswer> {
    for (;;) {
      const limits = this.limits();
      if (limits.timeoutMs <= 0) throw this.unavailable(this.maybeReceived ? 'timed-out' : 'unreachable');
      const replica = this.choose(this.tried);
      if (replica === undefined) {
        await this.pause();
        continue;
      }
      const outcome = await replica.call(this.dispatch, limits);
      if (!(outcome instanceof AttemptFailure)) {
        if (!isOwnInability(outcome) || !this.mayRepeat()) return answerOf(outcome, replica);
        replica.drain('cannot serve');
      } else {
        this.learn(outcome);
      }
      this.tried.add(replica);
    }
  }

  private limits(): AttemptLimits {
    const { timeoutMs, attemptTimeoutMs = Math.ceil(timeoutMs / 3) } = this.request;
    const remainingMs = this.begunAt + timeoutMs - Date.now();
    return {
      timeoutMs: Math.min(remainingMs, attemptTimeoutMs),
      bytesMax: this.options.answerBytesMax ?? ANSWER_BYTES_MAX,
    };
  }

  private mayRepeat(): boolean {
    return this.request.retry === 'other-replicas';
  }

  private learn(failure: AttemptFailure): void {
    this.cause = failure.cause;
    this.maybeReceived ||= failure.sent;
    if (failure.reason === 'too-large' || (failure.sent && !this.mayRepeat())) {
      throw this.unavailable(failure.reason === 'timed-out' ? 'timed-out' : 'lost');
    }
  }

  /** All have been tried: wait a little, then begin again with all of them. */
  private async pause(): Promise<void> {
    const { timeoutMs, failFastMs = timeoutMs } = this.request;
    const elapsedMs = Date.now() - this.begunAt;
    if (!this.maybeReceived && elapsedMs >= failFastMs) throw this.unavailable('unreachable');
    const pauseMs = Math.min(this.pauseMs * (0.5 + Math.random()), timeoutMs - elapsedMs);
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
    this.pauseMs = Math.min(PAUSE_MS_MAX, this.pauseMs * 2);
    this.tried.clear();
  }

  private unavailable(reason: UpstreamUnavailable['reason']): UpstreamUnavailable {
    return new UpstreamUnavailable(this.options.name, reason, this.maybeReceived, { cause: this.cause });
  }
}

function dispatchOf(
  { method, path, body, headers }: DirectRequest,
  { clusterKey }: UpstreamPoolOptions,
): ReplicaRequest {
  const sent: Record<string, string> = { ...headers };
  if (clusterKey !== undefined) sent[HEADER.clusterKey] = clusterKey;
  const traceparent = TRACE_CONTEXT.current();
  if (traceparent !== undefined) sent['traceparent'] = traceparent;
  return { method, path, body: body ?? null, headers: sent };
}

/**
 * A 502 or 503 that speaks of the replica and not of the request: it has `x-replica-unable`, or it is no problem document (a Fastify
 * that is closing answers 503 by itself, before any handler). Another replica may well do it.
 */
function isOwnInability({ status, headers }: Answer): boolean {
  if (status !== 502 && status !== 503) return false;
  const type = headers['content-type'];
  return headers[HEADER.replicaUnable] !== undefined || !String(type).startsWith('application/problem+json');
}

/** In place (Fisher and Yates). */
function shuffle(items: unknown[]): void {
  for (let left = items.length - 1; left > 0; left--) {
    const drawn = Math.floor(Math.random() * (left + 1));
    [items[left], items[drawn]] = [items[drawn], items[left]];
  }
}

function answerOf(answer: Answer, replica: Replica): UpstreamAnswer {
  return { ...answer, replica: replica.name ?? replica.url };
}
