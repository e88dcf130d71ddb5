import { expectedOf, keyOf } from './expected-postings.js';
import type { Invariant } from './invariant.js';

export const nothingPostedUnasked: Invariant = {
  name: 'nothing is posted that no client knows of',
  check({ operations, postings }) {
    const known = new Set(expectedOf(operations).map(keyOf));
    return postings
      .filter((posting) => !known.has(keyOf(posting)))
      .map(({ accountId, kind, rrn, amount }) => ({
        verdict: 'unexplained',
        what: `${kind} of ${amount} on ${accountId} (rrn ${rrn}) without a receipt`,
      }));
  },
};
