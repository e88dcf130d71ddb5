import { describe, expect, it } from '@jest/globals';
import { PinPad } from './pin-pad.js';

describe('the PIN pad', () => {
  it('tells how many digits there are and never which, and is empty once they were taken', () => {
    const pad = new PinPad();
    [...'12x345'].forEach((key) => pad.press(key));
    pad.erase();
    expect([pad.length, pad.complete]).toEqual([4, true]);
    expect(JSON.stringify(pad)).toBe('{}');
    expect(pad.take()).toBe('1234');
    expect([pad.length, pad.take()]).toEqual([0, '']);
  });
});
