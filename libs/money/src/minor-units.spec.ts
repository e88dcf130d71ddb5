import { describe, expect, it } from '@jest/globals';
import { formatMinorUnits } from './format.js';
import { minorUnits, minorUnitsFromNumber, toNumber } from './minor-units.js';

describe('minor units', () => {
  it.each(['', '1.5', '1e3', ' 1', '0x10', '12345678901234567890', '--1'])('refuses the string %j', (text) => {
    expect(() => minorUnits(text)).toThrow(RangeError);
  });

  it.each([1.5, NaN, Infinity, 2 ** 53])('refuses the number %d', (value) => {
    expect(() => minorUnitsFromNumber(value)).toThrow(RangeError);
  });

  it('refuses to lose digits on the way out', () => {
    expect(() => toNumber(minorUnits(9_007_199_254_740_993n))).toThrow(RangeError);
    expect(toNumber(minorUnits('-20000'))).toBe(-20_000);
  });

  it.each([
    [20_000n, '200.00'],
    [-5n, '-0.05'],
    [0n, '0.00'],
    [100_000_000n, '1000000.00'],
  ])('shows %s as %s', (amount, text) => {
    expect(formatMinorUnits(minorUnits(amount))).toBe(text);
  });
});
