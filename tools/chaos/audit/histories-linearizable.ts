import type { Finding, Invariant } from './invariant.js';

/**
 * Whether what each client saw of an account could have happened one after the other. Undecided is no finding, since a longer search
 * might explain the history; the report counts them.
 */
export const historiesLinearizable: Invariant = {
  name: 'what clients saw of every account is linearizable',
  check: ({ histories }) =>
    histories.flatMap((verdict): Finding[] => {
      if (verdict.verdict !== 'violated') return [];
      const { order, ledger, held, impossible } = verdict.witness;
      const what = `${verdict.account}: after ${order.slice(-5).join(', ')} with ledger ${ledger} and ${held} held nothing explains ${JSON.stringify(impossible)}`;
      return [{ verdict: 'unexplained', what }];
    }),
};
