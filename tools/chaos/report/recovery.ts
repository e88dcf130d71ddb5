import type { Call, Operation } from '../load/operation.js';

/** A call is disturbed where it was refused by the bank's own inability (5xx), was not answered, or took this long, milliseconds. */
export const SLOW_MS = 1_000;

/** Disturbed calls that are further apart belong to different episodes, milliseconds. */
const EPISODE_GAP_MS = 1_000;

/** A stretch of time in which the calls of one ATM were disturbed, from the beginning of the first such call to the end of the last. */
export interface Episode {
  readonly beganAtMs: number;
  readonly endedAtMs: number;
}

const isDisturbed = ({ status, beganAtMs, endedAtMs }: Call): boolean =>
  status === null || status >= 500 || endedAtMs - beganAtMs >= SLOW_MS;

/** Episodes of each ATM for itself, since one that waits says nothing of the others; between two of its own all went well and fast. */
export function episodesOf(operations: readonly Operation[]): Episode[] {
  const atms = [...new Set(operations.map(({ atm }) => atm))];
  return atms.flatMap((atm) =>
    episodesOfOne(operations.filter((one) => one.atm === atm).flatMap(({ calls }) => calls)),
  );
}

function episodesOfOne(calls: readonly Call[]): Episode[] {
  const disturbed = calls.filter(isDisturbed).sort((one, other) => one.beganAtMs - other.beganAtMs);
  const episodes: Episode[] = [];
  for (const { beganAtMs, endedAtMs } of disturbed) {
    const last = episodes.at(-1);
    if (last === undefined || beganAtMs > last.endedAtMs + EPISODE_GAP_MS) episodes.push({ beganAtMs, endedAtMs });
    else episodes[episodes.length - 1] = { ...last, endedAtMs: Math.max(last.endedAtMs, endedAtMs) };
  }
  return episodes;
}

/** The longest episode of any ATM that overlaps the time of a fault and the second after its end, milliseconds; 0 where nobody noticed it. */
export function recoveryMs(episodes: readonly Episode[], fault: Episode): number {
  const during = episodes.filter(
    ({ beganAtMs, endedAtMs }) => beganAtMs <= fault.endedAtMs + EPISODE_GAP_MS && endedAtMs >= fault.beganAtMs,
  );
  return Math.max(0, ...during.map(({ beganAtMs, endedAtMs }) => endedAtMs - beganAtMs));
}
