import type { MigrationInterface, QueryRunner } from 'typeorm';
import { AUTHORISATION_GUARDS, AUTHORISATION_UPDATES } from './authorisation-guards.js';
import { CheapReferences1772000000000 } from './cheap-references.js';
import { IndexPostedNumbers1767000000000 } from './index-posted-numbers.js';
import { LEDGER_GUARDS } from './ledger-guards.js';
import { ShardAccounts1765000000000 } from './shard-accounts.js';
import { TABLES } from './tables.js';

export class CreateAccountSchema1764000000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(TABLES);
    await runner.query(LEDGER_GUARDS);
    await runner.query(AUTHORISATION_GUARDS);
  }

  /** A ledger is not taken back. */
  async down(): Promise<void> {
    throw new Error('the account schema cannot be reverted: its entries must stay');
  }
}

/** What an update of authorisations may change was found out by joins before, whose time grew with the square of how many there were. */
export class JudgeAuthorisationsOneByOne1770000000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(AUTHORISATION_UPDATES);
  }

  /** What is refused is what was. */
  async down(): Promise<void> {}
}

export const ACCOUNT_MIGRATIONS = [
  CreateAccountSchema1764000000000,
  ShardAccounts1765000000000,
  IndexPostedNumbers1767000000000,
  JudgeAuthorisationsOneByOne1770000000000,
  CheapReferences1772000000000,
];
