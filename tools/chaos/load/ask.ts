import { randomUUID } from 'node:crypto';
import type { Answer } from '../../atm/atm.js';
import { NoAnswerError } from '../../atm/attempt.js';
import type { Call, Outcome } from './operation.js';

/** Statuses after which the same key may get another answer: nothing is decided yet. */
const UNDECIDED: ReadonlySet<number> = new Set([429, 500, 502, 503, 504]);

/** Between two calls of an operation, milliseconds; about what a Retry-After of the demo says, without its rounding to seconds. */
const PAUSE_MS = 250;

/** Milliseconds since the run began, from a clock that never jumps. */
export type RunClock = () => number;

/** An operation that was asked for until it was answered, or given up. */
export interface Asked<Body> {
  readonly invokedAtMs: number;
  readonly completedAtMs: number;
  readonly outcome: Outcome;
  readonly refusal: string | null;
  readonly body: Body | null;
  readonly calls: readonly Call[];
  /** Asks on with the same key, as part of the same operation; for what is unknown. */
  readonly askOn: (patienceMs: number) => Promise<Asked<Body>>;
}

/** Whether a success is the end of it; a withdrawal that is still under way is not. */
export type IsDecided<Body> = (body: Body) => boolean;

/**
 * Calls with one Idempotency-Key until there is an answer that stays: a success, or a refusal that is a decision. What is not answered
 * before `patienceMs` is unknown.
 */
export async function askUntilDecided<Body>(
  clock: RunClock,
  patienceMs: number,
  call: (key: string) => Promise<Answer<Body>>,
  isDecided: IsDecided<Body> = () => true,
): Promise<Asked<Body>> {
  const key = randomUUID();
  const invokedAtMs = clock();
  return askOn({ clock, invokedAtMs, call: () => call(key), isDecided, earlier: [] }, patienceMs);
}

interface Question<Body> {
  readonly clock: RunClock;
  readonly invokedAtMs: number;
  readonly call: () => Promise<Answer<Body>>;
  readonly isDecided: IsDecided<Body>;
  readonly earlier: readonly Call[];
}

async function askOn<Body>(question: Question<Body>, patienceMs: number): Promise<Asked<Body>> {
  const { clock, invokedAtMs } = question;
  const calls = [...question.earlier];
  const asked = (outcome: Outcome, refusal: string | null, body: Body | null): Asked<Body> => ({
    ...{ invokedAtMs, completedAtMs: clock(), outcome, refusal, body, calls },
    askOn: (morePatienceMs) => askOn({ ...question, earlier: calls }, morePatienceMs),
  });
  const deadline = clock() + patienceMs;
  let refusal = '';
  do {
    const beganAtMs = clock();
    const answer = await question.call().catch((error: unknown) => {
      if (!(error instanceof NoAnswerError)) throw error;
      refusal = error.message;
      return null;
    });
    calls.push(callOf(answer, beganAtMs, clock()));
    if (answer?.ok === true) {
      if (question.isDecided(answer.body)) return asked('ok', null, answer.body);
      refusal = 'it is still under way';
    } else if (answer !== null) {
      refusal = `${answer.status} ${answer.problem.title}: ${answer.problem.detail}`;
      if (!UNDECIDED.has(answer.status)) return asked('refused', refusal, null);
    }
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  } while (clock() < deadline);
  return asked('unknown', refusal, null);
}

function callOf(answer: Answer<unknown> | null, beganAtMs: number, endedAtMs: number): Call {
  return {
    beganAtMs,
    endedAtMs,
    status: answer?.status ?? null,
    gateway: answer?.gateway ?? '',
    servedBy: answer?.servedBy ?? '',
    replayed: answer?.replayed ?? false,
    retries: answer?.failedAttempts.length ?? 1,
  };
}
