import type { Sabotage } from '../sabotage.js';

export const NO_OUTBOX: Sabotage = {
  lacks: 'the outbox: a message is put on a channel after the commit, and kept nowhere',
  faults: ['atm-terminal dies at relay.before-add'],
  caughtBy: 'no hold, intent or message is left without its end',
  ownAuditSays: 'terminal: every outcome without answer is in the transmission queue',
  edits: [
    {
      file: 'libs/messaging/src/engine/outgoing.ts',
      from: 'this.options.queue.insert(tx, queued);',
      to: '',
    },
    {
      file: 'libs/messaging/src/engine/outgoing.ts',
      from: 'rows: this.options.queue.rowsOf(queued)',
      to: "rows: '[]'",
    },
  ],
};
