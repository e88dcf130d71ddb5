import type { AccountState, Course, Phase, Step } from './course.js';

/** An operation ready for the search. */
export interface Searched {
  readonly invokedAtMs: number;
  readonly course: Course;
}

/** How far the best order of steps got. */
export interface Progress extends AccountState {
  /** Indexes of the operations whose steps were taken, in that order; an operation with two steps is in it twice. */
  readonly order: readonly number[];
  /** The operation that had to take a step next, and no order could let it. */
  readonly stuck: number;
}

export type SearchResult =
  { readonly found: 'order' } | { readonly found: 'none'; readonly best: Progress } | { readonly found: 'nothing-yet' };

interface Candidate {
  readonly index: number;
  /** The phase that the operation is in before the step. */
  readonly from: number;
  readonly step: Step;
}

/** What may happen next in one configuration. */
interface Choice {
  readonly candidates: readonly Candidate[];
  /** Candidates tried so far. */
  tried: number;
}

/**
 * Looks for an order of steps that fits everybody's answers: Wing and Gong's search ("Testing and Verifying Concurrent Objects", 1993) with Lowe's
 * improvements ("Testing for linearizability", 2017): a configuration that was met before is not looked at again, and steps that nobody is known
 * to have waited for are taken as late as possible. As Porcupine and Knossos do it, but for operations that take several steps.
 *
 * A step may come next if its operation was called before the earliest moment by which another operation has to have moved on. Of operations
 * that would do the same, only the one that has to move on first is tried: had another one gone first, the two could be exchanged.
 */
export class Search {
  private readonly phases: Uint8Array;
  private readonly signatures: readonly (readonly string[])[];
  /** Operations that are not over, as a ring in the order of their calls; the last element is its head. */
  private readonly following: Int32Array;
  private readonly preceding: Int32Array;
  private readonly met = new Set<string>();
  private readonly order: Candidate[] = [];
  private ledger: number;
  private held: number;
  private furthestMs = -Infinity;
  private best: Progress;

  /** `operations` in the order of their calls. */
  constructor(
    private readonly operations: readonly Searched[],
    opening: AccountState,
  ) {
    const head = operations.length;
    this.phases = new Uint8Array(head);
    this.signatures = operations.map(({ course }) => course.map((_, phase) => signatureOf(course, phase)));
    this.following = Int32Array.from({ length: head + 1 }, (_, index) => (index === head ? 0 : index + 1));
    this.preceding = Int32Array.from({ length: head + 1 }, (_, index) => (index === 0 ? head : index - 1));
    this.ledger = opening.ledger;
    this.held = opening.held;
    this.best = { ...opening, order: [], stuck: 0 };
  }

  /** Looks at no more than `configurationsMax` configurations. Once only. */
  run(configurationsMax: number): SearchResult {
    const first = this.look();
    if (first === 'done') return { found: 'order' };
    const path = first === 'met' ? [] : [first];
    for (let choice = path.at(-1); choice !== undefined; choice = path.at(-1)) {
      const candidate = choice.candidates[choice.tried++];
      if (candidate === undefined) {
        path.pop();
        if (path.length > 0) this.undo();
        continue;
      }
      this.take(candidate);
      const next = this.look();
      if (next === 'done') return { found: 'order' };
      if (next === 'met') this.undo();
      else path.push(next);
      if (this.met.size > configurationsMax) return { found: 'nothing-yet' };
    }
    return { found: 'none', best: this.best };
  }

  /** What may come next here; `met` where this is known to lead nowhere, `done` where nobody has to move on any more. */
  private look(): Choice | 'met' | 'done' {
    const open: number[] = [];
    let deadlineMs = Infinity;
    let stuck = 0;
    let end = this.following[this.operations.length] ?? 0;
    while (end < this.operations.length && this.operation(end).invokedAtMs <= deadlineMs) {
      open.push(end);
      const leaveByMs = this.leaveByMs(end);
      if (leaveByMs < deadlineMs) [deadlineMs, stuck] = [leaveByMs, end];
      end = this.following[end] ?? 0;
    }
    if (deadlineMs === Infinity) return 'done';
    // The deadline may have come nearer after an operation was looked at.
    while (this.operation(open.at(-1) ?? 0).invokedAtMs > deadlineMs) end = open.pop() ?? 0;

    const key = `${this.ledger} ${this.held} ${end} ${open.map((index) => `${index}.${this.phases[index]}`).join(' ')}`;
    if (this.met.has(key)) return 'met';
    this.met.add(key);
    if (deadlineMs > this.furthestMs) {
      this.furthestMs = deadlineMs;
      this.best = { ledger: this.ledger, held: this.held, order: this.order.map(({ index }) => index), stuck };
    }
    return { candidates: this.candidatesAmong(open), tried: 0 };
  }

  /** Those that have to move on first come first. */
  private candidatesAmong(open: readonly number[]): Candidate[] {
    const state = { ledger: this.ledger, held: this.held };
    const seen = new Set<string>();
    return open
      .toSorted((one, other) => this.compare(one, other))
      .filter((index) => {
        const signature = this.signatures[index]?.[this.phases[index] ?? 0] ?? '';
        return !seen.has(signature) && seen.add(signature);
      })
      .flatMap((index) => {
        const from = this.phases[index] ?? 0;
        const possible = this.phaseOf(index).steps.filter(({ condition }) => condition?.holds(state) ?? true);
        return possible.map((step) => ({ index, from, step }));
      });
  }

  private take(candidate: Candidate): void {
    const { index, step } = candidate;
    this.phases[index] = step.to;
    this.ledger += step.ledger;
    this.held += step.held;
    this.order.push(candidate);
    if (!this.isOver(index)) return;
    const [before, after] = [this.preceding[index] ?? 0, this.following[index] ?? 0];
    this.following[before] = after;
    this.preceding[after] = before;
  }

  /** Takes the last step back. */
  private undo(): void {
    const { index, from, step } = this.order.pop()!;
    if (this.isOver(index)) {
      this.following[this.preceding[index] ?? 0] = index;
      this.preceding[this.following[index] ?? 0] = index;
    }
    this.phases[index] = from;
    this.ledger -= step.ledger;
    this.held -= step.held;
  }

  private compare(one: number, other: number): number {
    const [first, second] = [this.leaveByMs(one), this.leaveByMs(other)];
    return first === second ? one - other : first - second;
  }

  private operation(index: number): Searched {
    return this.operations[index]!;
  }

  private phaseOf(index: number): Phase {
    return this.operation(index).course[this.phases[index]!]!;
  }

  private leaveByMs(index: number): number {
    return this.phaseOf(index).leaveByMs;
  }

  private isOver(index: number): boolean {
    return this.phaseOf(index).steps.length === 0;
  }
}

/** Operations with the same signature do the same from here on, and differ only in when they have to leave this phase. */
function signatureOf(course: Course, phase: number): string {
  const steps = course[phase]?.steps ?? [];
  return steps
    .map(({ ledger, held, condition, to }) => {
      const later = `${course[to]?.leaveByMs}(${signatureOf(course, to)})`;
      return `${ledger} ${held} ${condition?.name ?? ''} ${later}`;
    })
    .join('|');
}
