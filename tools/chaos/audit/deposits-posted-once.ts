import { comparePostings, expectedOfDeposits } from './expected-postings.js';
import type { Invariant } from './invariant.js';

export const depositsPostedOnce: Invariant = {
  name: 'notes that customers put in are posted once',
  check: ({ operations, postings }) => comparePostings(expectedOfDeposits(operations), postings),
};
