import { randomFillSync } from 'node:crypto';

/** Version 00: version, trace id, parent id, flags; neither id all zeros (W3C Trace Context §3.2). */
const TRACEPARENT = /^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/;

export const isTraceparent = (value: unknown): value is string => typeof value === 'string' && TRACEPARENT.test(value);

/** The part that is the same on the whole way of what somebody asked for, 32 hexadecimal digits. */
export const traceIdOf = (traceparent: string): string => traceparent.slice(3, 35);

const IDS_BYTES = 24;

/** Random bytes for the next traces, drawn for many at once. */
const random = Buffer.alloc(128 * IDS_BYTES);
let used = random.length;

/** A new trace; not flagged as sampled, since nobody has said that anything is recorded of it. */
export function newTraceparent(): string {
  if (used === random.length) {
    randomFillSync(random);
    used = 0;
  }
  const ids = random.toString('hex', used, (used += IDS_BYTES));
  return `00-${ids.slice(0, 32)}-${ids.slice(32)}-00`;
}
