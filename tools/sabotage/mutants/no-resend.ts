import type { Sabotage } from '../sabotage.js';

export const NO_RESEND: Sabotage = {
  lacks: 're-sending: what a channel or a dying process swallows stays in the transmission queue for ever',
  faults: ['atm-terminal dies at relay.before-add'],
  caughtBy: 'no hold, intent or message is left without its end',
  ownAuditSays: 'in flight',
  edits: [
    {
      file: 'libs/messaging/src/engine/sweep.ts',
      from: 'const due = await queue.claimDue(MESSAGES_MAX, congestion.brokers(), aheadMs);',
      to: 'const due = [];',
    },
  ],
};
