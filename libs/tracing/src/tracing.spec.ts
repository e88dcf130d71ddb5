import { describe, expect, it } from '@jest/globals';
import { isTraceparent, newTraceparent, TRACE_CONTEXT, traceIdOf } from './index.js';

const ID = '0af7651916cd43dd8448eb211c80319c';
const GIVEN = `00-${ID}-b7ad6b7169203331-01`;

describe('a traceparent', () => {
  it('that is new is valid, and another one every time', () => {
    const made = Array.from({ length: 100 }, newTraceparent);
    expect(made.filter((one) => !isTraceparent(one))).toEqual([]);
    expect(new Set(made.map(traceIdOf)).size).toBe(100);
  });

  it.each([
    '',
    GIVEN.toUpperCase(),
    GIVEN.replace('00-', '01-'),
    GIVEN.replace(ID, '0'.repeat(32)),
    GIVEN.replace('b7ad6b7169203331', '0'.repeat(16)),
    `${GIVEN}-more`,
    `${GIVEN}\n`,
    7,
    undefined,
  ])('is not %p', (value) => {
    expect(isTraceparent(value)).toBe(false);
  });

  it('says which trace it belongs to', () => {
    expect(isTraceparent(GIVEN)).toBe(true);
    expect(traceIdOf(GIVEN)).toBe(ID);
  });
});

describe('the trace context', () => {
  it('follows what is awaited, and ends with it', async () => {
    const seen = await TRACE_CONTEXT.run(GIVEN, async () => {
      await new Promise((resolve) => setTimeout(resolve, 1));
      const inner = TRACE_CONTEXT.run(undefined, () => TRACE_CONTEXT.current());
      return [TRACE_CONTEXT.current(), inner];
    });
    expect(seen).toEqual([GIVEN, undefined]);
    expect(TRACE_CONTEXT.current()).toBeUndefined();
  });
});
