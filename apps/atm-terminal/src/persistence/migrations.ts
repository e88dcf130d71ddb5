import type { MigrationInterface, QueryRunner } from 'typeorm';
import { CheapSteps1768000000001 } from './schema/cheap-steps.js';
import { KeysOfWithdrawals1769000000000 } from './schema/keys-of-withdrawals.js';
import { ShipJournals1765000000000 } from './schema/journal-shipping.js';
import { PlanBalancesOnce1768000000000 } from './schema/plan-balances-once.js';
import { SESSIONS } from './schema/sessions.js';
import { JOURNAL, TERMINALS } from './schema/terminals.js';
import { WITHDRAWAL_STEPS } from './schema/withdrawal-steps.js';
import { DEPOSITS_AND_TRANSFERS, DISPENSER, NUMBERS, WITHDRAWALS } from './schema/withdrawals.js';

/** The first schema of the terminal database. TypeORM orders migrations by the time stamp at the end of the name. */
export class CreateTerminalSchema1763600000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    const tables = [TERMINALS, JOURNAL, SESSIONS, NUMBERS, WITHDRAWALS, DEPOSITS_AND_TRANSFERS, DISPENSER];
    for (const part of [...tables, WITHDRAWAL_STEPS]) await runner.query(part);
  }

  /** There is no way back from tables that hold money: a wrong schema is corrected by a further migration. */
  async down(): Promise<void> {
    throw new Error('the first schema cannot be taken back');
  }
}

export const TERMINAL_MIGRATIONS = [
  CreateTerminalSchema1763600000000,
  ShipJournals1765000000000,
  PlanBalancesOnce1768000000000,
  CheapSteps1768000000001,
  KeysOfWithdrawals1769000000000,
];
