import { comparePostings, expectedOfWithdrawals } from './expected-postings.js';
import type { Invariant } from './invariant.js';

export const cashPostedOnce: Invariant = {
  name: 'cash in customers’ hands is posted once, for the amount they have',
  check: ({ operations, postings }) => comparePostings(expectedOfWithdrawals(operations), postings),
};
