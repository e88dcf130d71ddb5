import type { Sabotage } from '../sabotage.js';

/** The driver hands the command over with its news, and it leaves before the statement that is to commit the intent. */
export const NO_INTENT: Sabotage = {
  lacks: 'the intent: the dispenser is commanded before the intent is committed',
  faults: ['power fails with notes out'],
  caughtBy: 'notes that left a dispenser are in the hands of the customer who asked, once',
  ownAuditSays: 'terminal: every dispense was intended',
  edits: [
    {
      file: 'apps/atm-terminal/src/withdrawal/withdrawal-driver.ts',
      from: "{ kind: 'authorisation-answered', answer: value, ",
      to: "{ kind: 'authorisation-answered', answer: value, command: (intended) => this.dispense(intended), ",
    },
    {
      file: 'apps/atm-terminal/src/withdrawal/withdrawals.ts',
      from: 'await this.storeAlone(batch, steps);',
      to: `for (const [index, { withdrawal }] of results.entries()) {
        if (withdrawal.state === 'dispensing') await steps[index].news.command?.(withdrawal);
      }
      await this.storeAlone(batch, steps);`,
    },
  ],
};
