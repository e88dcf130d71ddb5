import { randomUUID } from 'node:crypto';

/** Version 00: version, trace id, parent id, flags; neither id all zeros (W3C Trace Context §3.2). */
const TRACEPARENT = /^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/;

export const isTraceparent = (value: unknown): value is string => typeof value === 'string' && TRACEPARENT.test(value);

/** The part that is the same on the whole way of what somebody asked for, 32 hexadecimal digits. */
export const traceIdOf = (traceparent: string): string => traceparent.slice(3, 35);

/** A new trace; not flagged as sampled, since nobody has said that anything is recorded of it. */
export function newTraceparent(): string {
  const parentId = randomUUID().replaceAll('-', '').slice(0, 16);
  return `00-${randomUUID().replaceAll('-', '')}-${parentId}-00`;
}
