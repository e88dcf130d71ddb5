import { BUNDLE_ENVELOPES_MAX, consignments, type Posting } from '../protocol/bundle.js';
import type { FaultPoints } from '../ports/fault-points.js';
import type { ChannelSwitch } from './channel-switch.js';

/** Most postings that one round of adds takes. */
const POSTINGS_MAX = 1_000;

/** After a round of one, milliseconds: what comes meanwhile forms the next one. */
const PAUSE_MS_ALONE = 1;

/**
 * After a larger round, milliseconds for each posting of it. What comes one by one hardly waits; the more there is, the fewer and larger
 * the jobs, which cost the same whatever is in them.
 */
const PAUSE_MS_EACH = 2;
const PAUSE_MS_MAX = 8;

/** What a round has that has gathered enough: the next one need not wait longer than `PAUSE_MS_MAX`. */
const POSTINGS_ENOUGH = BUNDLE_ENVELOPES_MAX / 2;

export interface RelayOptions {
  readonly channels: ChannelSwitch;
  readonly faultPoints: FaultPoints;
  /** Least pause after a round, milliseconds: for what nobody waits for, so that it becomes few jobs whatever the load. */
  readonly pauseMsMin?: number;
  /** Largest pause, milliseconds, after a round of as many postings. */
  readonly gatherMsMax?: number;
}

/**
 * Puts postings on a channel, several to a job. What comes while an add is under way, or a moment after, forms the next round: much
 * becomes few jobs, and what comes alone does not wait. Nothing is kept: a posting that no channel takes is dropped, since whoever
 * posted it has it still (transmission queue, stored answer, pending request).
 */
export class Relay {
  private readonly waiting: Posting[] = [];
  /** The next round does not begin before, milliseconds of the process. */
  private restUntil = -Infinity;
  private draining: Promise<void> | null = null;

  constructor(private readonly options: RelayOptions) {}

  post(postings: readonly Posting[]): void {
    if (postings.length === 0) return;
    for (const posting of postings) this.waiting.push(posting);
    this.draining ??= this.drain();
  }

  /** Resolves when everything posted so far has left or been dropped. */
  async flush(): Promise<void> {
    await this.draining;
  }

  private async drain(): Promise<void> {
    await Promise.resolve(); // What is posted in the same turn comes along.
    while (this.waiting.length > 0) {
      const restMs = this.restUntil - performance.now();
      if (restMs > 0) await new Promise((resolve) => setTimeout(resolve, restMs));
      const round = this.waiting.splice(0, POSTINGS_MAX);
      await this.add(round);
      this.restUntil = performance.now() + this.pauseMsAfter(round);
    }
    this.draining = null;
  }

  /** What waits already and fills a bundle gains nothing by waiting longer. */
  private pauseMsAfter({ length }: readonly Posting[]): number {
    const { pauseMsMin = PAUSE_MS_ALONE, gatherMsMax = PAUSE_MS_MAX } = this.options;
    if (this.waiting.length >= BUNDLE_ENVELOPES_MAX) return PAUSE_MS_ALONE;
    if (length === 1) return pauseMsMin;
    const usual = Math.min(PAUSE_MS_MAX, PAUSE_MS_EACH * length);
    const gathering = length < POSTINGS_ENOUGH ? Math.min(gatherMsMax, length) : 0;
    return Math.max(pauseMsMin, usual, gathering);
  }

  private async add(round: readonly Posting[]): Promise<void> {
    const { channels, faultPoints } = this.options;
    try {
      await faultPoints.reach('relay.before-add');
      await Promise.all(consignments(round).map((consignment) => channels.send(consignment)));
      await faultPoints.reach('relay.after-add');
    } catch {
      // No channel is up (the switch has said so), or an injected fault.
    }
  }
}
