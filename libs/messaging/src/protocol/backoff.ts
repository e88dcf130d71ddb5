/** Wait for the answer before a message is sent again the first time, milliseconds. Doubled with every attempt. */
export const RESEND_BASE_MS = 2_000;

/** Longest wait between two attempts, milliseconds. */
export const RESEND_CAP_MS = 30_000;

/** Wait after the attempt numbered `attempts` (from 1), milliseconds, before jitter. */
export function resendDelayMs(attempts: number): number {
  return Math.min(RESEND_CAP_MS, RESEND_BASE_MS * 2 ** (attempts - 1));
}

/** The same as a table, by attempt; attempts beyond its end wait as long as its last. */
export const RESEND_DELAYS_MS: readonly number[] = delaysUpToCap();

function delaysUpToCap(): number[] {
  const delays = [resendDelayMs(1)];
  while (delays.at(-1) !== RESEND_CAP_MS) delays.push(resendDelayMs(delays.length + 1));
  return delays;
}
