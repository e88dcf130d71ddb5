import type { Call, Operation } from '../load/operation.js';

/** A call is disturbed where it was refused by the bank's own inability (5xx), was not answered, or took this long, milliseconds. */
export const SLOW_MS = 1_000;

/** Disturbed calls that are further apart belong to different episodes, milliseconds. */
const EPISODE_GAP_MS = 1_000;

/** A stretch of time in which calls were disturbed, from the beginning of the first such call to the end of the last. */
export interface Episode {
  readonly beganAtMs: number;
  readonly endedAtMs: number;
}

const isDisturbed = ({ status, beganAtMs, endedAtMs }: Call): boolean =>
  status === null || status >= 500 || endedAtMs - beganAtMs >= SLOW_MS;

/** Episodes in order of time; whatever is between two of them went well and fast. */
export function episodesOf(operations: readonly Operation[]): Episode[] {
  const disturbed = operations
    .flatMap(({ calls }) => calls)
    .filter(isDisturbed)
    .sort((one, other) => one.beganAtMs - other.beganAtMs);
  const episodes: Episode[] = [];
  for (const { beganAtMs, endedAtMs } of disturbed) {
    const last = episodes.at(-1);
    if (last === undefined || beganAtMs > last.endedAtMs + EPISODE_GAP_MS) episodes.push({ beganAtMs, endedAtMs });
    else episodes[episodes.length - 1] = { ...last, endedAtMs: Math.max(last.endedAtMs, endedAtMs) };
  }
  return episodes;
}

/** The longest episode that overlaps the time of a fault and the second after its end, milliseconds; 0 where nobody noticed it. */
export function recoveryMs(episodes: readonly Episode[], fault: Episode): number {
  const during = episodes.filter(
    ({ beganAtMs, endedAtMs }) => beganAtMs <= fault.endedAtMs + EPISODE_GAP_MS && endedAtMs >= fault.beganAtMs,
  );
  return Math.max(0, ...during.map(({ beganAtMs, endedAtMs }) => endedAtMs - beganAtMs));
}
