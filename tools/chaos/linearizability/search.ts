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
  /** What the step is taken for; null where it stands for itself. */
  readonly goal: Goal | null;
}

/** A step that cannot be taken yet, and for which others are taken. */
interface Goal {
  /** Its operation. */
  readonly index: number;
  /** Steps for it are taken in the order of their signatures: another order would come to the same. */
  readonly signatureMin: number;
}

/** What may happen next in one configuration. */
interface Choice {
  readonly candidates: readonly Candidate[];
  /** Candidates tried so far. */
  tried: number;
}

/**
 * Looks for an order of steps that fits everybody's answers: Wing and Gong's search ("Testing and Verifying Concurrent Objects", 1993) with Lowe's
 * improvements ("Testing for linearizability", 2017), as Porcupine and Knossos have it, but for operations that take several steps. A step may come
 * next if its operation was called before the earliest moment by which another one has to have moved on. What is left out, since it loses no order:
 *
 * - a configuration that was met before;
 * - of operations that would do the same, all but the one that has to move on first: had another one gone first, the two could be exchanged;
 * - steps without a condition, unless it is their last moment, or a conditional one is impossible without them (its "goal"): else they can be
 *   taken later;
 * - everything else, where a step that changes nothing is possible.
 */
export class Search {
  private readonly phases: Uint8Array;
  /** Of each operation and phase; see `signatureOf`. */
  private readonly signatures: readonly (readonly number[])[];
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
    const numbers = new Map<string, number>();
    const numberOf = (text: string) => numbers.get(text) ?? numbers.set(text, numbers.size).size - 1;
    this.signatures = operations.map(({ course }) => course.map((_, phase) => numberOf(signatureOf(course, phase))));
    this.following = Int32Array.from({ length: head + 1 }, (_, index) => (index === head ? 0 : index + 1));
    this.preceding = Int32Array.from({ length: head + 1 }, (_, index) => (index === 0 ? head : index - 1));
    this.ledger = opening.ledger;
    this.held = opening.held;
    this.best = { ...opening, order: [], stuck: 0 };
  }

  /** Looks at no more than `configurationsMax` configurations. Once only. */
  run(configurationsMax: number): SearchResult {
    const first = this.look(null);
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
      const next = this.look(candidate.goal);
      if (next === 'done') return { found: 'order' };
      if (next === 'met') this.undo();
      else path.push(next);
      if (this.met.size > configurationsMax) return { found: 'nothing-yet' };
    }
    return { found: 'none', best: this.best };
  }

  /** What may come next here; `met` where this is known to lead nowhere, `done` where nobody has to move on any more. */
  private look(goal: Goal | null): Choice | 'met' | 'done' {
    const { open, end, deadlineMs } = this.window();
    if (deadlineMs === Infinity) return 'done';
    const pressed = open.filter((index) => this.leaveByMs(index) !== Infinity);
    pressed.sort((one, other) => this.leaveByMs(one) - this.leaveByMs(other) || one - other);
    // Of those that may take for ever, it does not matter which ones are left, only how many of each kind.
    const patient = new Map<number, { readonly first: number; count: number }>();
    for (const index of open) {
      if (this.leaveByMs(index) !== Infinity) continue;
      const kind = patient.get(this.signature(index));
      if (kind === undefined) patient.set(this.signature(index), { first: index, count: 1 });
      else kind.count++;
    }
    const key = [
      ...[this.ledger, this.held, end, goal?.index ?? '', goal?.signatureMin ?? ''],
      ...pressed.map((index) => index * 4 + (this.phases[index] ?? 0)).sort((one, other) => one - other),
      ...['', ...[...patient].map(([signature, { count }]) => `${signature}x${count}`).sort()],
    ].join(' ');
    if (this.met.has(key)) return 'met';
    this.met.add(key);
    const [stuck] = pressed;
    if (goal === null && deadlineMs > this.furthestMs && stuck !== undefined) {
      this.furthestMs = deadlineMs;
      this.best = { ledger: this.ledger, held: this.held, order: this.order.map(({ index }) => index), stuck };
    }
    const ordered = [...pressed, ...[...patient.values()].map(({ first }) => first)];
    const seen = new Set<number>();
    const tried = ordered.filter((index) => !seen.has(this.signature(index)) && seen.add(this.signature(index)));
    return { candidates: this.candidatesAmong(tried, goal), tried: 0 };
  }

  /** `operations` are one of each kind, those first that have to move on first. */
  private candidatesAmong(operations: readonly number[], goal: Goal | null): Candidate[] {
    const answer = operations.find((index) => this.onlyTells(index));
    if (answer !== undefined) return this.candidatesOf(answer, answer === goal?.index ? null : goal);
    if (goal !== null) return this.towards(goal, operations);
    const [stuck] = operations;
    const free = operations.filter((index) => index === stuck || this.isConditional(index));
    const impossible = free.filter((index) => this.candidatesOf(index, null).length === 0);
    return [
      ...free.flatMap((index) => this.candidatesOf(index, null)),
      ...impossible.flatMap((index) => this.towards({ index, signatureMin: 0 }, operations)),
    ];
  }

  /** The goal itself as soon as it is possible. */
  private towards(goal: Goal, operations: readonly number[]): Candidate[] {
    const reached = this.candidatesOf(goal.index, null);
    if (reached.length > 0) return reached;
    return operations
      .filter((index) => !this.isConditional(index) && this.signature(index) >= goal.signatureMin)
      .flatMap((index) => this.candidatesOf(index, goal));
  }

  /** Whether it is over with a step that is possible now and changes nothing: no order is lost by taking it at once. */
  private onlyTells(index: number): boolean {
    const [step, ...others] = this.stepsOf(index);
    if (step?.condition === undefined || others.length > 0) return false;
    return step.ledger === 0 && step.held === 0 && this.isPossible(step);
  }

  private candidatesOf(index: number, goal: Goal | null): Candidate[] {
    const from = this.phases[index] ?? 0;
    return this.stepsOf(index)
      .filter((step) => this.isPossible(step))
      .map((step) => {
        const isLast = this.operation(index).course[step.to]?.steps.length === 0;
        const next = goal && { index: goal.index, signatureMin: isLast ? this.signature(index) : 0 };
        return { index, from, step, goal: next };
      });
  }

  /** Operations that were called before the earliest time by which one of them has to move on, and the first one that was not. */
  private window(): { readonly open: readonly number[]; readonly end: number; readonly deadlineMs: number } {
    const open: number[] = [];
    let deadlineMs = Infinity;
    let end = this.following[this.operations.length] ?? 0;
    while (end < this.operations.length && this.operation(end).invokedAtMs <= deadlineMs) {
      open.push(end);
      deadlineMs = Math.min(deadlineMs, this.leaveByMs(end));
      end = this.following[end] ?? 0;
    }
    // The deadline may have come nearer after an operation was looked at.
    while (open.length > 0 && this.operation(open.at(-1)!).invokedAtMs > deadlineMs) end = open.pop()!;
    return { open, end, deadlineMs };
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

  private operation(index: number): Searched {
    return this.operations[index]!;
  }

  private phaseOf(index: number): Phase {
    return this.operation(index).course[this.phases[index]!]!;
  }

  private stepsOf(index: number): readonly Step[] {
    return this.phaseOf(index).steps;
  }

  /** The steps of a phase have conditions, or none of them has. */
  private isConditional(index: number): boolean {
    return this.stepsOf(index).some(({ condition }) => condition !== undefined);
  }

  private isPossible({ condition }: Step): boolean {
    return condition?.holds({ ledger: this.ledger, held: this.held }) ?? true;
  }

  private leaveByMs(index: number): number {
    return this.phaseOf(index).leaveByMs;
  }

  private signature(index: number): number {
    return this.signatures[index]![this.phases[index]!]!;
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
