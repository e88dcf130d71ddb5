import type { Invariant } from './invariant.js';

export const everyCallAnswered: Invariant = {
  name: 'every operation of a client was answered in the end',
  check: ({ operations }) =>
    operations
      .filter(({ outcome }) => outcome === 'unknown')
      .map(({ kind, atm, refusal, calls }) => ({
        verdict: 'unexplained',
        what: `${kind} of virtual ATM ${atm} is unknown after ${calls.length} calls: ${refusal}`,
      })),
};
