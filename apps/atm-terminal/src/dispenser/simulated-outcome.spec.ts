import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { without } from '../cassette/notes.js';
import { simulatedOutcome } from './simulated-outcome.js';

const notes = fc.uniqueArray(
  fc.record({ denomination: fc.constantFrom(1_000, 2_000, 5_000, 10_000), count: fc.integer({ min: 1, max: 30 }) }),
  { selector: ({ denomination }) => denomination, minLength: 1 },
);

describe('the simulated dispenser', () => {
  it('never moves a note that it was not told to move, whatever goes wrong', () => {
    const fault = fc.constantFrom(undefined, 'part', 'none', 'retract', 'unknown', 'delay:5');
    fc.assert(
      fc.property(notes, fault, (mix, armed) => {
        const outcome = simulatedOutcome(mix, armed);
        if (!('taken' in outcome)) return;
        without(mix, outcome.taken, outcome.rejected, outcome.retracted);
        expect(outcome.taken.length > 0).toBe(outcome.outcome === 'all' || outcome.outcome === 'part');
      }),
    );
  });

  it('gives everything where nothing is armed', () => {
    const mix = [{ denomination: 5_000, count: 2 }];
    expect(simulatedOutcome(mix, undefined)).toEqual({ outcome: 'all', taken: mix, rejected: [], retracted: [] });
  });
});
