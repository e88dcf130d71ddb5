import { describe, expect, it } from '@jest/globals';
import { RESEND_CAP_MS, RESEND_DELAYS_MS, resendDelayMs } from './backoff.js';

describe('backoff of re-sending', () => {
  it('doubles from two seconds and ends at the cap', () => {
    expect(RESEND_DELAYS_MS).toEqual([2_000, 4_000, 8_000, 16_000, 30_000]);
  });

  it('stays at the cap for as many attempts as it takes', () => {
    expect(resendDelayMs(1_000)).toBe(RESEND_CAP_MS);
  });
});
