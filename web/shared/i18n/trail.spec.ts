import { describe, expect, it } from '@jest/globals';
import { trailStep } from './trail.js';

describe('the words for a step', () => {
  it('call the decision of the account a hold only where it approved', () => {
    expect(trailStep({ kind: 'authorised', detail: '00' })).toBe('hold placed');
    expect(trailStep({ kind: 'authorised', detail: '51' })).toBe('hold refused');
  });

  it('say of everything else what it is, whatever stands beside it', () => {
    expect(trailStep({ kind: 'outcome', detail: 'notes-taken' })).toBe('outcome and advice: one commit');
  });
});
