import { Pool } from 'undici';
import { HEADER } from '#contracts';
import { AttemptFailure, type Answer, type AttemptLimits } from './attempt.js';
import { CallGroups, type ReplicaRequest } from './call-groups.js';
import { connectWithin } from './connect-within.js';

/** `ejected`: does not answer; `draining`: answers, but asks for no new calls. Both are tried only where no replica is healthy. */
export type ReplicaState = 'healthy' | 'draining' | 'ejected';

/** How one replica of an upstream stands, for status pages. */
export interface UpstreamMember {
  readonly url: string;
  /** As it calls itself (X-Served-By); null until it has answered. */
  readonly name: string | null;
  readonly state: ReplicaState;
  /** Calls that it has answered. */
  readonly answers: number;
  /** Calls that wait for its answer. */
  readonly outstanding: number;
  /** When it is asked again whether it is back; null unless ejected. */
  readonly ejectedUntil: Date | null;
}

/** Told about each change of a replica's state, once. */
export type StateListener = (url: string, state: ReplicaState, reason: string) => void;

const CONNECTIONS_MAX = 128;
/** A host that is gone refuses nothing, and a lost SYN is repeated only after a second (RFC 6298 §2). A busy replica is no slower: its system connects. */
const CONNECT_MS_MAX = 300;

/** Ejection after the first failure, doubled by each further one up to the largest. */
const EJECTION_MS_FIRST = 250;
const EJECTION_MS_MAX = 2_000;

/** An attempt that was cut short before this proves nothing when it times out. */
const SILENCE_MS_MIN = 200;

const CHECK_INTERVAL_MS = 1_000;
/** Long enough for a busy event loop; a frozen process never answers. */
const CHECK_TIMEOUT_MS = 2_000;
/** A healthy replica that was not called for so long is not checked until it is. */
const IDLE_MS = 2_000;

const CHECK: ReplicaRequest = { method: 'GET', path: '/health/ready', headers: {}, body: null };
const CHECK_LIMITS: AttemptLimits = { timeoutMs: CHECK_TIMEOUT_MS, bytesMax: 64 * 1024 };

/**
 * One replica: its connections and what is known of its health. `healthy` → `ejected` by a failed connection, or by silence over a whole
 * attempt or check; → `draining` by a not-ready answer. Back to `healthy` by a passed check (250 ms to 2 s after the ejection), or by an
 * answer to a call that was tried because there was nobody else.
 */
export class Replica {
  outstanding = 0;
  state: ReplicaState = 'healthy';
  /** As it calls itself (X-Served-By); null until it has answered. */
  name: string | null = null;
  private readonly pool: Pool;
  private readonly groups: CallGroups;
  private answers = 0;
  private failures = 0;
  private ejectedUntil = 0;
  private calledAt = 0;
  private answeredAt = 0;
  private check: NodeJS.Timeout | undefined;
  private closed = false;

  constructor(
    readonly url: string,
    private readonly onState: StateListener,
  ) {
    this.pool = new Pool(url, {
      connections: CONNECTIONS_MAX,
      pipelining: 1,
      connect: connectWithin(CONNECT_MS_MAX),
      keepAliveTimeout: 30_000,
      keepAliveMaxTimeout: 60_000,
      headersTimeout: 0,
      bodyTimeout: 0,
    });
    this.groups = new CallGroups(this.pool);
  }

  /** One attempt that says nothing about its health: for questions that may take long or be given up early. */
  async ask(request: ReplicaRequest, limits: AttemptLimits): Promise<Answer | AttemptFailure> {
    const outcome = await this.groups.attempt(request, limits);
    if (!(outcome instanceof AttemptFailure)) this.learnName(outcome);
    return outcome;
  }

  async call(request: ReplicaRequest, limits: AttemptLimits): Promise<Answer | AttemptFailure> {
    const begunAt = Date.now();
    this.calledAt = begunAt;
    if (this.check === undefined) this.checkAfter(CHECK_INTERVAL_MS);
    this.outstanding += 1;
    try {
      const outcome = await this.ask(request, limits);
      if (!(outcome instanceof AttemptFailure)) this.answered();
      else if (outcome.reason === 'not-connected' || outcome.reason === 'lost') this.eject(outcome.reason);
      else if (limits.timeoutMs >= SILENCE_MS_MIN && this.answeredAt < begunAt) this.eject('silent');
      return outcome;
    } finally {
      this.outstanding -= 1;
    }
  }

  /** It has said itself that it cannot take calls; checks find out when that ends. */
  drain(reason: string): void {
    this.become('draining', reason);
    this.checkAfter(CHECK_INTERVAL_MS);
  }

  member(): UpstreamMember {
    const ejectedUntil = this.state === 'ejected' ? new Date(this.ejectedUntil) : null;
    const { url, name, state, answers, outstanding } = this;
    return { url, name, state, answers, outstanding, ejectedUntil };
  }

  /** No new calls; those that run are finished first. */
  async retire(): Promise<void> {
    this.closed = true;
    clearTimeout(this.check);
    await this.pool.close();
  }

  private learnName({ headers }: Answer): void {
    const name = headers[HEADER.servedBy];
    if (typeof name === 'string') this.name = name;
  }

  private answered(): void {
    this.answers += 1;
    this.answeredAt = Date.now();
    if (this.state === 'draining') return;
    this.failures = 0;
    this.become('healthy', 'answers');
  }

  private eject(reason: string): void {
    // Calls that die together are one failure.
    if (this.state === 'ejected' && Date.now() < this.ejectedUntil) return;
    const ejectionMs = Math.min(EJECTION_MS_MAX, EJECTION_MS_FIRST * 2 ** this.failures);
    this.failures += 1;
    this.ejectedUntil = Date.now() + ejectionMs;
    this.become('ejected', reason);
    this.checkAfter(ejectionMs);
  }

  private checkAfter(milliseconds: number): void {
    clearTimeout(this.check);
    if (this.closed) return;
    this.check = setTimeout(() => void this.checkNow(), milliseconds).unref();
  }

  private async checkNow(): Promise<void> {
    if (this.state === 'healthy' && Date.now() - this.calledAt > IDLE_MS) {
      this.check = undefined;
      return;
    }
    const outcome = await this.ask(CHECK, CHECK_LIMITS);
    if (this.closed) return;
    if (outcome instanceof AttemptFailure) {
      this.eject(outcome.reason === 'timed-out' ? 'silent' : outcome.reason);
      return;
    }
    this.answeredAt = Date.now();
    if (outcome.status < 300) this.become('healthy', 'ready');
    else this.become('draining', 'not ready');
    this.checkAfter(CHECK_INTERVAL_MS);
  }

  private become(state: ReplicaState, reason: string): void {
    if (this.state === state) return;
    this.state = state;
    this.onState(this.url, state, reason);
  }
}
