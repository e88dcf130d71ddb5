import type { Moments } from './sides.js';

const FIRST_CAPACITY = 1 << 16;

/** When what happened to numbered transfers, in the order of their numbers. */
export class MomentLog {
  private at = new Float64Array(FIRST_CAPACITY).fill(NaN);
  private end = 0;

  /** Whether it is the first time that this transfer is noted; later ones change nothing. */
  note(number: number, ms: number): boolean {
    if (number >= this.at.length) {
      const grown = new Float64Array(Math.max(number + 1, this.at.length * 2)).fill(NaN);
      grown.set(this.at);
      this.at = grown;
    }
    if (!Number.isNaN(this.at[number])) return false;
    this.at[number] = ms;
    this.end = Math.max(this.end, number + 1);
    return true;
  }

  from(first: number): Moments {
    return { first, at: this.at.slice(first, this.end) };
  }
}
