import type { Sabotage } from '../sabotage.js';

/** The command leaves before the statement that is to commit the intent, with the notes that it is going to reserve. */
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
      from: '@Inject(FAULT_POINTS) private readonly faults: FaultPoints,\n  ) {}',
      to: `@Inject(FAULT_POINTS) private readonly faults: FaultPoints,
  ) {
    withdrawals.commandAtOnce = async (intended) => {
      await this.dispense(intended, null);
      await this.faults.reach('terminal.after-dispense');
    };
  }`,
    },
    {
      file: 'apps/atm-terminal/src/withdrawal/withdrawals.ts',
      from: 'return withTime(results, batch, await this.storeAlone(batch, steps));',
      to: `for (const { withdrawal } of [...batch.arrivals(), ...batch.moves()]) {
        if (withdrawal.state === 'authorising') await this.commandAtOnce(withdrawal);
      }
      return withTime(results, batch, await this.storeAlone(batch, steps));`,
    },
  ],
};
