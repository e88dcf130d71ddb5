/** Upper bound of the first bucket, milliseconds, and how much wider each next one is; the last one takes all that is longer. */
const FIRST_MS = 0.5;
const GROWTH = 1.2;
const BUCKETS = 64;

/** How many calls took how long: geometric buckets, so that quantiles are exact to a fifth from half a millisecond to a minute. */
export class LatencyBuckets {
  readonly counts: number[] = Array.from({ length: BUCKETS }, () => 0);

  observe(milliseconds: number): void {
    const bucket = Math.ceil(Math.log(milliseconds / FIRST_MS) / Math.log(GROWTH));
    const index = Number.isNaN(bucket) ? 0 : Math.min(BUCKETS - 1, Math.max(0, bucket));
    this.counts[index] = (this.counts[index] ?? 0) + 1;
  }
}

/** Upper bound of the bucket that quantile `share` (0 to 1) falls into, milliseconds; null where nothing was counted. */
export function quantileMs(counts: readonly number[], share: number): number | null {
  const total = counts.reduce((sum, count) => sum + count, 0);
  if (total === 0) return null;
  let seen = 0;
  const index = counts.findIndex((count) => (seen += count) >= share * total);
  return Math.round(FIRST_MS * GROWTH ** index * 100) / 100;
}
