/**
 * One token bucket per subject: `burst` calls at once, `perSecond` on average. Bounded: the subject that was first seen longest ago
 * is forgotten when there are too many, which only ever favours the caller.
 */
export class TokenBuckets {
  private readonly buckets = new Map<string, { tokens: number; at: number }>();

  constructor(
    private readonly perSecond: number,
    private readonly burst: number,
    private readonly subjectsMax = 10_000,
  ) {}

  /** Takes one token. Returns 0 where there was one, else the seconds until the next; `now` in milliseconds of any one clock. */
  take(subject: string, now: number): number {
    const bucket = this.refilled(subject, now);
    if (bucket.tokens < 1) return (1 - bucket.tokens) / this.perSecond;
    bucket.tokens -= 1;
    return 0;
  }

  /** Seconds until there is a token; takes none. */
  wait(subject: string, now: number): number {
    if (!this.buckets.has(subject)) return 0;
    const { tokens } = this.refilled(subject, now);
    return tokens < 1 ? (1 - tokens) / this.perSecond : 0;
  }

  private refilled(subject: string, now: number): { tokens: number; at: number } {
    const bucket = this.buckets.get(subject);
    if (bucket !== undefined) {
      bucket.tokens = Math.min(this.burst, bucket.tokens + ((now - bucket.at) / 1_000) * this.perSecond);
      bucket.at = now;
      return bucket;
    }
    const [oldest] = this.buckets.size >= this.subjectsMax ? this.buckets.keys() : [];
    if (oldest !== undefined) this.buckets.delete(oldest);
    const fresh = { tokens: this.burst, at: now };
    this.buckets.set(subject, fresh);
    return fresh;
  }
}
