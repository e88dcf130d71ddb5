import { randomUUID } from 'node:crypto';
import { Agent } from 'undici';
import type {
  BalanceBody,
  DepositReceipt,
  ProblemBody,
  SessionBody,
  StatementBody,
  TransferReceipt,
  WithdrawalBody,
} from '#contracts';
// Not through #platform, which loads NestJS: a command line has to answer at once.
import { connectWithin } from '../../libs/platform/src/upstream/connect-within.js';
import { type Attempt, NoAnswerError, sendOnce } from './attempt.js';

/** The answer of the contract, or its refusal in words; and how it came. */
export type Answer<Body> = (
  { readonly ok: true; readonly body: Body } | { readonly ok: false; readonly problem: ProblemBody }
) & {
  readonly status: number;
  /** Replica and gateway that answered. */
  readonly servedBy: string;
  readonly gateway: string;
  /** Whether this is the stored answer to an earlier attempt. */
  readonly replayed: boolean;
  /** From the first attempt to the answer, milliseconds. */
  readonly milliseconds: number;
  /** Gateways that gave no answer before this one. */
  readonly failedAttempts: readonly string[];
};

export interface AtmOptions {
  /** Base URLs; the ATM stays with one as long as it answers. */
  readonly gateways: readonly string[];
  readonly terminalId: string;
  /** The demo profile's key where not given. */
  readonly terminalKey?: string;
  /** Until one attempt counts as lost, milliseconds. */
  readonly attemptMsMax?: number;
  /** Until a call is given up altogether, milliseconds. */
  readonly callMsMax?: number;
}

const ATTEMPT_MS_MAX = 10_000;
const CALL_MS_MAX = 30_000;
/** A lost SYN is repeated after a second (RFC 6298 §2); whoever takes over an address, or the next gateway, is to be found before that. */
const CONNECT_MS_MAX = 200;
const SETTLED_MS_MAX = 30_000;
const POLL_MS = 20;
/** Pause after all gateways failed once, so that a cluster that is coming back is not hammered. */
const ROUND_PAUSE_MS = 100;

/** What a call needs beside its path. */
interface Call {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly path: string;
  readonly token?: string;
  readonly body?: object;
  readonly key?: string | undefined;
}

/**
 * A cash machine as the bank's network sees it: it knows all gateways, and when one gives no answer it repeats the call
 * at the next one with the same Idempotency-Key, so that whatever the first attempt did is done once. Calls that change something
 * draw a key of their own unless they are given one, as whoever repeats a call later must.
 */
export class Atm {
  private readonly connections = new Agent({ keepAliveTimeout: 30_000, connect: connectWithin(CONNECT_MS_MAX) });
  private current = 0;

  constructor(private readonly options: AtmOptions) {
    if (options.gateways.length === 0) throw new Error('an ATM needs at least one gateway');
  }

  get terminalId(): string {
    return this.options.terminalId;
  }

  /** Card in, PIN entered. */
  openSession(cardNumber: string, pin: string, key?: string): Promise<Answer<SessionBody>> {
    return this.call({ method: 'POST', path: '/v1/sessions', body: { cardNumber, pin }, key });
  }

  /** The card is returned. */
  closeSession(session: SessionBody): Promise<Answer<undefined>> {
    return this.call({ method: 'DELETE', path: `/v1/sessions/${session.sessionId}`, token: session.token });
  }

  balance(session: SessionBody): Promise<Answer<BalanceBody>> {
    return this.call({ method: 'GET', path: `/v1/sessions/${session.sessionId}/balance`, token: session.token });
  }

  /** Amounts are minor units. Without one the withdrawal waits for `enterAmount`. */
  withdraw(session: SessionBody, amount?: number, key?: string): Promise<Answer<WithdrawalBody>> {
    const path = `/v1/sessions/${session.sessionId}/withdrawals`;
    return this.call({ method: 'POST', path, token: session.token, body: amount === undefined ? {} : { amount }, key });
  }

  enterAmount(
    session: SessionBody,
    withdrawalId: string,
    amount: number,
    key?: string,
  ): Promise<Answer<WithdrawalBody>> {
    const path = `/v1/withdrawals/${withdrawalId}/amount`;
    return this.call({ method: 'PUT', path, token: session.token, body: { amount }, key });
  }

  withdrawal(session: SessionBody, withdrawalId: string): Promise<Answer<WithdrawalBody>> {
    return this.call({ method: 'GET', path: `/v1/withdrawals/${withdrawalId}`, token: session.token });
  }

  deposit(session: SessionBody, notes: WithdrawalBody['dispensed'], key?: string): Promise<Answer<DepositReceipt>> {
    const path = `/v1/sessions/${session.sessionId}/deposits`;
    return this.call({ method: 'POST', path, token: session.token, body: { notes }, key });
  }

  transfer(session: SessionBody, toAccountId: string, amount: number, key?: string): Promise<Answer<TransferReceipt>> {
    const path = `/v1/sessions/${session.sessionId}/transfers`;
    return this.call({ method: 'POST', path, token: session.token, body: { toAccountId, amount }, key });
  }

  statement(session: SessionBody, limit = 20): Promise<Answer<StatementBody>> {
    const path = `/v1/sessions/${session.sessionId}/statement?limit=${limit}`;
    return this.call({ method: 'GET', path, token: session.token });
  }

  /** Asks until the withdrawal has reached an end (settled, reversed, declined, suspense) or the deadline; then as it stands. */
  async untilEnded(
    session: SessionBody,
    withdrawalId: string,
    timeoutMs = SETTLED_MS_MAX,
  ): Promise<Answer<WithdrawalBody>> {
    const deadline = Date.now() + timeoutMs;
    for (;;) {
      const answer = await this.withdrawal(session, withdrawalId);
      if (!answer.ok || ENDS.has(answer.body.state) || Date.now() > deadline) return answer;
      await pause(POLL_MS);
    }
  }

  /** Closes its connections. */
  async close(): Promise<void> {
    await this.connections.close();
  }

  private async call<Body>(call: Call): Promise<Answer<Body>> {
    const attempt = this.attemptOf(call);
    const startedAt = performance.now();
    const failedAttempts: string[] = [];
    for (;;) {
      const current = this.current;
      const gateway = this.options.gateways[current] as string;
      try {
        const reply = await sendOnce<Body>(this.connections, gateway, attempt);
        return { ...reply, milliseconds: performance.now() - startedAt, failedAttempts };
      } catch (error) {
        if (!(error instanceof NoAnswerError)) throw error;
        failedAttempts.push(`${gateway}: ${error.message}`);
        const tooLate = performance.now() - startedAt > (this.options.callMsMax ?? CALL_MS_MAX);
        if (tooLate) throw new NoAnswerError(`no gateway answers (${failedAttempts.at(-1)})`, { cause: error });
      }
      // Of several calls that fail together only the first one moves on.
      if (this.current === current) this.current = (current + 1) % this.options.gateways.length;
      if (failedAttempts.length % this.options.gateways.length === 0) await pause(ROUND_PAUSE_MS);
    }
  }

  private attemptOf({ method, path, token, body, key }: Call): Attempt {
    const { terminalId, terminalKey, attemptMsMax } = this.options;
    return {
      method,
      path,
      headers: {
        'x-terminal-key': terminalKey ?? `demo-key-${terminalId}`,
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(method === 'GET' ? {} : { 'idempotency-key': key ?? randomUUID() }),
      },
      body: body === undefined ? null : JSON.stringify(body),
      timeoutMs: attemptMsMax ?? ATTEMPT_MS_MAX,
    };
  }
}

/** States that a withdrawal does not leave by itself. */
const ENDS: ReadonlySet<WithdrawalBody['state']> = new Set(['settled', 'reversed', 'declined', 'suspense']);

const pause = (milliseconds: number) => new Promise<void>((resolve) => setTimeout(resolve, milliseconds));
