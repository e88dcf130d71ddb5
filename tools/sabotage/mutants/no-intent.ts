import type { Sabotage } from '../sabotage.js';

/** The driver hands the command over with its news, and it leaves before the statement that is to commit the intent. */
export const NO_INTENT: Sabotage = {
  lacks: 'the intent: the dispenser is commanded before the intent is committed',
  faults: ['power fails with notes out'],
  caughtBy: 'notes that left a dispenser are in the hands of the customer who asked, once',
  ownAuditSays: 'terminal: every dispense was intended',
  edits: [
    {
      // The notes come out at the command now. What asks the dispenser later only reads what it has done, with the intent committed.
      file: 'apps/atm-terminal/src/withdrawal/withdrawal-driver.ts',
      from: "    await this.faults.reach('terminal.after-dispense');\n",
      to: '',
    },
    {
      file: 'apps/atm-terminal/src/withdrawal/withdrawal-driver.ts',
      from: "{ kind: 'authorisation-answered', answer: value, ",
      to: `{
      kind: 'authorisation-answered',
      answer: value,
      command: async (intended) => {
        await this.dispense(intended);
        await this.faults.reach('terminal.after-dispense');
      },
      `,
    },
    {
      file: 'apps/atm-terminal/src/withdrawal/withdrawals.ts',
      from: 'await this.storeAlone(batch, steps);',
      to: `for (const [index, withdrawal] of results.entries()) {
        if (withdrawal.state === 'dispensing') await steps[index].news.command?.(withdrawal);
      }
      await this.storeAlone(batch, steps);`,
    },
  ],
};
