import type { MigrationInterface, QueryRunner } from 'typeorm';
import { APPEND_JOURNAL } from './schema/append-journal.js';
import { CheapSteps1768000000001 } from './schema/cheap-steps.js';
import { KeysOfWithdrawals1769000000000 } from './schema/keys-of-withdrawals.js';
import { IntentBeforeHold1771000000000 } from './schema/intent-before-hold.js';
import { ShipJournals1765000000000 } from './schema/journal-shipping.js';
import { PUT_CACHED_BALANCES } from './schema/put-cached-balances.js';
import { SESSIONS } from './schema/sessions.js';
import { TerminalTotals1772000000000 } from './schema/terminal-totals.js';
import { JOURNAL, TERMINALS } from './schema/terminals.js';
import { WITHDRAWAL_STEPS } from './schema/withdrawal-steps.js';
import { DEPOSITS_AND_TRANSFERS, DISPENSER, NEXT_RRN, NUMBERS, WITHDRAWALS } from './schema/withdrawals.js';

/** The first schema of the terminal database. TypeORM orders migrations by the time stamp at the end of the name. */
export class CreateTerminalSchema1763600000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    const tables = [TERMINALS, JOURNAL, SESSIONS, NUMBERS, WITHDRAWALS, DEPOSITS_AND_TRANSFERS, DISPENSER];
    for (const part of [...tables, APPEND_JOURNAL, PUT_CACHED_BALANCES, WITHDRAWAL_STEPS]) await runner.query(part);
  }

  /** There is no way back from tables that hold money: a wrong schema is corrected by a further migration. */
  async down(): Promise<void> {
    throw new Error('the first schema cannot be taken back');
  }
}

/** Rows came as objects before, and an RRN's last digits were base 36, one after the other in a loop. */
export class RowsByPosition1770000000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const part of [APPEND_JOURNAL, PUT_CACHED_BALANCES, WITHDRAWAL_STEPS, NEXT_RRN]) await runner.query(part);
  }

  /** What they do is what they did. */
  async down(): Promise<void> {}
}

export const TERMINAL_MIGRATIONS = [
  CreateTerminalSchema1763600000000,
  ShipJournals1765000000000,
  CheapSteps1768000000001,
  KeysOfWithdrawals1769000000000,
  RowsByPosition1770000000000,
  IntentBeforeHold1771000000000,
  TerminalTotals1772000000000,
];
