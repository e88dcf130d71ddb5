export interface CohortsOptions {
  /** Most calls that set out together. */
  readonly callsMax: number;
  /** A cohort that takes longer than this no longer holds up the next one, milliseconds. */
  readonly aloneMs: number;
}

/** Calls that have set out together. */
interface Cohort {
  underWay: number;
  readonly patience: NodeJS.Timeout;
}

/**
 * Lets calls of several steps that arrive while others are under way set out together, in one turn of the event loop. Each goes its own way, but
 * calls that take the same steps come to each `GroupCommit` at the same time, and one transaction does for all of them what would else be many
 * small ones. A lone call is not delayed.
 */
export class Cohorts {
  private readonly waiting: ((cohort: Cohort) => void)[] = [];
  /** The one for which the next one waits. */
  private current: Cohort | null = null;
  private gathering: NodeJS.Immediate | undefined;

  constructor(private readonly options: CohortsOptions) {}

  async run<Result>(call: () => Promise<Result>): Promise<Result> {
    const cohort = await this.nextCohort();
    try {
      return await call();
    } finally {
      cohort.underWay -= 1;
      if (cohort.underWay === 0) this.release(cohort);
    }
  }

  private nextCohort(): Promise<Cohort> {
    return new Promise((setOut) => {
      this.waiting.push(setOut);
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
    const calls = this.waiting.splice(0, callsMax);
    const patience = setTimeout(() => this.release(cohort), aloneMs);
    const cohort: Cohort = { underWay: calls.length, patience };
    this.current = cohort;
    for (const setOut of calls) setOut(cohort);
  }

  private release(cohort: Cohort): void {
    clearTimeout(cohort.patience);
    if (this.current !== cohort) return;
    this.current = null;
    this.departSoon();
  }
}
