/** A card as its row lock shows it. */
export interface CardTries {
  readonly status: 'active' | 'blocked';
  readonly triesLeft: number;
}

/** A PIN attempt that is on record. `pending`: its try is consumed, its PIN not yet judged. */
export interface KnownAttempt {
  readonly attemptId: string;
  readonly cardToken: string;
  readonly outcome: 'pending' | 'verified' | 'wrong-pin';
  readonly triesLeft: number;
  /** Young enough for another replica to be about to decide it. */
  readonly fresh: boolean;
}

export type TryDecision =
  /** Judge the PIN; a fresh attempt takes a try with it, leaving `triesLeft`. */
  | { readonly next: 'evaluate'; readonly consume: boolean; readonly triesLeft: number }
  | { readonly next: 'answer'; readonly outcome: 'verified' | 'wrong-pin'; readonly triesLeft: number }
  | { readonly next: 'refuse'; readonly reason: 'card-blocked' | 'unknown-card' | 'other-card' }
  /** All tries are taken by attempts still being judged, one of which may give them back: ask again shortly. */
  | { readonly next: 'wait' };

/**
 * Whether a PIN may be judged. A try is consumed before that, so that no number of parallel guesses, replicas or crashes
 * buys more than three; a repeat of an attempt never takes another.
 */
export function consumeTry(
  attempt: { readonly attemptId: string; readonly cardToken: string },
  card: CardTries | undefined,
  attempts: readonly KnownAttempt[],
): TryDecision {
  const earlier = attempts.find(({ attemptId }) => attemptId === attempt.attemptId);
  if (earlier !== undefined && earlier.cardToken !== attempt.cardToken) return { next: 'refuse', reason: 'other-card' };
  if (earlier?.outcome === 'pending') return { next: 'evaluate', consume: false, triesLeft: earlier.triesLeft };
  if (earlier !== undefined) return { next: 'answer', outcome: earlier.outcome, triesLeft: earlier.triesLeft };

  if (card === undefined) return { next: 'refuse', reason: 'unknown-card' };
  if (card.status === 'blocked') return { next: 'refuse', reason: 'card-blocked' };
  if (card.triesLeft > 0) return { next: 'evaluate', consume: true, triesLeft: card.triesLeft - 1 };
  const undecided = attempts.some(
    (one) => one.cardToken === attempt.cardToken && one.outcome === 'pending' && one.fresh,
  );
  return undecided ? { next: 'wait' } : { next: 'refuse', reason: 'card-blocked' };
}
