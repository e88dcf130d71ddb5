/** What becomes of a message whose handler throws. */
export interface FailurePolicy {
  /**
   * Once all attempts have failed: `block` keeps the later messages of the dialog waiting for an operator, so that order
   * holds; `overtake` lets them pass. Messages of other dialogs are never delayed.
   */
  readonly onFailure: 'block' | 'overtake';
  /** Attempts in all; after the last one the message is parked until an operator replays it. */
  readonly attemptsMax: number;
  /** Between the first two attempts, milliseconds; doubled from one to the next, and jittered. */
  readonly backoffBaseMs: number;
  /** Longest time between two attempts, milliseconds. */
  readonly backoffCapMs: number;
}

/** About four minutes in all: longer than a deployment or a fail-over of something that handlers need. */
export const FAILURE_POLICY: FailurePolicy = {
  onFailure: 'block',
  attemptsMax: 10,
  backoffBaseMs: 500,
  backoffCapMs: 60_000,
};

/** Jitter around a backoff: what failed together should not come back together. */
const JITTER = 0.2;

/**
 * After the attempt numbered `attempts` (from 1) has failed: milliseconds until the next one, or null where it was the last.
 * `chance` is a random number in [0, 1).
 */
export function retryDelayMs(policy: FailurePolicy, attempts: number, chance: number): number | null {
  if (attempts >= policy.attemptsMax) return null;
  const backoffMs = Math.min(policy.backoffCapMs, policy.backoffBaseMs * 2 ** (attempts - 1));
  return Math.round(backoffMs * (1 - JITTER + 2 * JITTER * chance));
}

/**
 * How often handling a message may begin without an end (applied, or failed) before it is taken for what replicas die of.
 * Counted only from its second copy on: most replicas that die do so for another reason.
 */
export const STARTS_MAX = 3;
