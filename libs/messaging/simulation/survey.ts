import { type HistoryOptions, type HistoryResult, runHistory } from './history.js';
import type { Landmark } from './landmarks.js';

export interface Survey {
  readonly histories: number;
  /** Histories that were objected to, those of the smallest seeds first. */
  readonly failures: readonly Failure[];
  /** How often what happened in all histories together. */
  readonly landmarks: ReadonlyMap<Landmark, number>;
  readonly steps: number;
}

export interface Failure {
  readonly seed: number;
  /** What is wrong, one line each, the rule first. */
  readonly objections: readonly string[];
}

export interface SurveyOptions extends Pick<HistoryOptions, 'protections'> {
  readonly firstSeed: number;
  readonly histories: number;
  /** Stops after so many failures. */
  readonly failuresMax: number;
}

/** Lets histories happen, one per seed. */
export function survey({ firstSeed, histories, failuresMax, ...options }: SurveyOptions): Survey {
  const failures: Failure[] = [];
  const landmarks = new Map<Landmark, number>();
  let steps = 0;
  let seed = firstSeed;
  for (; seed < firstSeed + histories && failures.length < failuresMax; seed++) {
    const result = runHistory(seed, options);
    steps += result.steps;
    for (const [landmark, count] of result.landmarks) landmarks.set(landmark, (landmarks.get(landmark) ?? 0) + count);
    const objections = objectionsTo(result);
    if (objections.length > 0) failures.push({ seed, objections });
  }
  return { histories: seed - firstSeed, failures, landmarks, steps };
}

export const objectionsTo = ({ violations, leftovers }: HistoryResult): string[] => [
  ...violations.map(({ rule, detail }) => `${rule}: ${detail}`),
  ...leftovers.map((row) => `left-over: ${row}`),
];

/** The one command that shows a failure step by step. */
export const replayCommand = (seed: number, mutant?: string) =>
  `npm run simulate -- --seed ${seed}${mutant === undefined ? '' : ` --mutant ${mutant}`}`;
