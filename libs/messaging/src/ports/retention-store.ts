import type { Kept } from '../protocol/retention.js';

/** A round of forgetting has begun: ask this source about everything that was applied up to now. */
export interface RetentionQuestion {
  readonly fromBroker: string;
  readonly questionId: string;
}

/** What one step of forgetting has done. */
export interface PruneStep {
  /** Whether there is more to do at once. */
  readonly more: boolean;
  readonly forgotten: number;
}

/**
 * What may be forgotten, source by source, in rounds: asked, confirmed, waited for, pruned. All replicas of the broker
 * instance work on the same rounds and none of them leads.
 */
export interface RetentionStore {
  /** Begins rounds with sources of which there is something to forget, and asks again where an answer is overdue. */
  ask(overdueMs: number): Promise<RetentionQuestion[]>;
  /** The source has answered. Answers to questions that are not open any more change nothing. */
  confirm(question: RetentionQuestion, kept: readonly string[]): Promise<void>;
  /** Forgets a little of what was confirmed at least `waitMs` ago: at most `rowsMax` rows are looked at. */
  prune(waitMs: number, rowsMax: number): Promise<PruneStep>;
  /** At the source: what it still has for `broker`, messages and their dialogs; null where that is more than `idsMax`. */
  kept(broker: string, idsMax: number): Promise<Kept>;
  /** Forgets messages that were begun so long ago, and have neither ended nor begun again since. */
  forgetStarts(ageMs: number): Promise<void>;
  /** Rows of the inbox, as PostgreSQL estimates them. */
  processedRows(): Promise<number>;
}
