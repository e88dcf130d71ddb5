export interface CohortsOptions {
  /** Most calls that set out together. */
  readonly callsMax: number;
  /** A cohort that takes longer than this no longer holds up the next one, milliseconds. */
  readonly aloneMs: number;
}

/**
 * When so many wait, of those under way, the next cohort sets out before the current one is back: it will not be much smaller, and its steps keep
 * busy what those of the other leave idle. With fewer it waits, since groups of few are what cohorts are there to avoid.
 */
const NEARLY_AS_MANY = 0.8;

/** Fewer never set out before the current ones are back: where cohorts are small anyway, nearly as many soon wait, and they would stay small. */
const EARLY_MIN = 12;

/**
 * Cohorts larger than this are evened out: of two that take turns the larger one would go its last steps alone, since too few wait. Smaller ones
 * lose more by sharing less.
 */
const UNEVEN_MAX = 32;

/** Calls that have set out together. */
interface Cohort {
  readonly size: number;
  underWay: number;
  /** Calls that hold up nobody any more. */
  outOfTheWay: number;
  readonly patience: NodeJS.Timeout;
}

/**
 * Lets calls of several steps that arrive while others are under way set out together, in one turn of the event loop. Each goes its own way, but
 * calls that take the same steps come to each `GroupCommit` at the same time, and one transaction does for all of them what would else be many
 * small ones. A lone call is not delayed. The next cohort sets out when the one before is back, or, where nearly as many wait and no
 * fewer than a dozen, when all of it has made way. Where many wait, not all of them go: cohorts become about equally large.
 */
export class Cohorts {
  private readonly waiting: ((cohort: Cohort) => void)[] = [];
  /** The one for which the next one waits. */
  private current: Cohort | null = null;
  private lastSize = 0;
  private gathering: NodeJS.Immediate | undefined;

  constructor(private readonly options: CohortsOptions) {}

  /** `call` may say when it has taken the step that it should not share with the next cohort. */
  async run<Result>(call: (makeWay: () => void) => Promise<Result>): Promise<Result> {
    const cohort = await this.nextCohort();
    let said = false;
    const makeWay = () => {
      if (said) return;
      said = true;
      cohort.outOfTheWay += 1;
      this.releaseEarly();
    };
    try {
      return await call(makeWay);
    } finally {
      makeWay();
      cohort.underWay -= 1;
      if (cohort.underWay === 0) this.release(cohort);
    }
  }

  private nextCohort(): Promise<Cohort> {
    return new Promise((setOut) => {
      this.waiting.push(setOut);
      this.releaseEarly();
      this.departSoon();
    });
  }

  /** Once all have spoken that this turn of the event loop has woken. */
  private departSoon(): void {
    this.gathering ??= setImmediate(() => {
      this.gathering = undefined;
      if (this.current === null && this.waiting.length > 0) this.depart();
    });
  }

  private depart(): void {
    const { callsMax, aloneMs } = this.options;
    const calls = this.waiting.splice(0, Math.min(this.evenShare(), callsMax));
    this.lastSize = calls.length;
    const patience = setTimeout(() => this.release(cohort), aloneMs);
    const cohort: Cohort = { size: calls.length, underWay: calls.length, outOfTheWay: 0, patience };
    this.current = cohort;
    for (const setOut of calls) setOut(cohort);
  }

  private evenShare(): number {
    return Math.max(UNEVEN_MAX, Math.ceil((this.waiting.length + this.lastSize) / 2));
  }

  private releaseEarly(): void {
    const { current, waiting } = this;
    if (current === null || current.outOfTheWay < current.size) return;
    if (waiting.length >= Math.max(EARLY_MIN, NEARLY_AS_MANY * current.size)) this.release(current);
  }

  private release(cohort: Cohort): void {
    clearTimeout(cohort.patience);
    if (this.current !== cohort) return;
    this.current = null;
    this.departSoon();
  }
}
