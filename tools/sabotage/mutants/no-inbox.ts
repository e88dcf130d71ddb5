import type { Sabotage } from '../sabotage.js';

/**
 * The money itself survives this: the ledger knows each withdrawal, and has a unique key. What is gone is the proof that each effect came from
 * one message, and the stored answers.
 */
export const NO_INBOX: Sabotage = {
  lacks: 'the inbox: nothing is remembered, and every repeat is applied again',
  faults: ['account dies at inbox.after-commit'],
  caughtBy: 'every effect of a message has its row in the inbox',
  ownAuditSays: 'account-a: every effect of an advice has its message',
  edits: [
    {
      file: 'libs/messaging/src/engine/inbox.ts',
      from: 'const claimed = await processed.claim(tx, [...first.values()]);',
      to: 'const claimed = new Set(first.keys());',
    },
  ],
};
