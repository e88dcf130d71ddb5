import { comparePostings, expectedOfTransfers } from './expected-postings.js';
import type { Invariant } from './invariant.js';

export const transfersPostedOnce: Invariant = {
  name: 'transfers are posted once, at both ends',
  check: ({ operations, postings }) => comparePostings(expectedOfTransfers(operations), postings),
};
