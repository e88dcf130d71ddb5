import type { Sabotage } from '../sabotage.js';

export const NO_HOLD: Sabotage = {
  lacks: 'the hold: an approval leaves no trace, and the same balance can be promised to several cash machines',
  faults: ['channel slow', 'atm-terminal dies at relay.before-add'],
  caughtBy: 'what clients saw of every account is linearizable',
  ownAuditSays: 'what the host posted without having approved it had stood in',
  edits: [
    {
      file: 'libs/ledger/src/authorise.ts',
      from: "return { result: { outcome: 'answered', responseCode }, changes };",
      to: "return { result: { outcome: 'answered', responseCode }, changes: [] };",
    },
  ],
};
