import { medianOfRounds } from './median.js';
import type { Measured } from './report/bench-report.js';

/** Measures one thing; told the round, counted from 1. */
type Measure<Figures> = (round: number) => Promise<Figures>;

/**
 * Several measurements in turn, again and again: whatever else the machine does meanwhile hits all of them, and the median of the rounds is
 * taken of each.
 */
export class Rounds {
  private readonly measurements: ((round: number) => Promise<void>)[] = [];

  /** The results, round by round, once `run` has resolved. */
  add<Figures>(measure: Measure<Figures>): readonly Figures[] {
    const results: Figures[] = [];
    this.measurements.push(async (round) => void results.push(await measure(round)));
    return results;
  }

  async run(rounds: number): Promise<void> {
    for (let round = 1; round <= rounds; round++) {
      for (const measure of this.measurements) await measure(round);
    }
  }
}

export const measuredOf = <Figures extends { readonly perSecond: number }>(
  rounds: readonly Figures[],
): Measured<Figures> => ({
  ...medianOfRounds(rounds),
  roundsPerSecond: rounds.map(({ perSecond }) => perSecond),
});
