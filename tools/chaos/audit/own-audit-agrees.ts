import type { Invariant } from './invariant.js';

/** The bank's own audit is no evidence, but where it differs from this one somebody is wrong. */
export const ownAuditAgrees: Invariant = {
  name: 'the bank’s own audit finds nothing either',
  check({ told: { audit } }) {
    const open = audit.inFlight === 0 ? [] : [{ verdict: 'unexplained' as const, what: `${audit.inFlight} in flight` }];
    const failed = audit.checks.filter(({ ok }) => !ok);
    return [
      ...open,
      ...failed.map(({ name, expected, observed }) => ({
        verdict: 'unexplained' as const,
        what: `${name}: expected ${expected}, observed ${observed}`,
      })),
    ];
  },
};
