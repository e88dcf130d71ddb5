import { describe, expect, it } from '@jest/globals';
import { linePath, niceMax } from './line-path.js';

const FRAME = { max: 10, width: 30, height: 12, points: 4 };

describe('a chart', () => {
  it.each([
    [[0], 1],
    [[3], 5],
    [[10], 10],
    [[11, null], 20],
    [[512], 1_000],
    [[], 1],
  ])('of %j goes up to %d', (values, max) => {
    expect(niceMax(values)).toBe(max);
  });

  it('has the newest value at the right, and a gap where there is none', () => {
    expect(linePath([10, null, 5, 0], FRAME)).toBe('M0.0 1.0M20.0 6.0L30.0 11.0');
    expect(linePath([10], FRAME)).toBe('M30.0 1.0');
    expect(linePath([], FRAME)).toBe('');
  });
});
