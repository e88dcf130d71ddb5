import type { MigrationInterface, QueryRunner } from 'typeorm';
import { AUTHORISATION_INSERTS, AUTHORISATION_UPDATES } from './authorisation-guards.js';
import { ACCOUNTS_IN_LEDGER } from './ledger-guards.js';

const WITHOUT_FOREIGN_KEYS = /* sql */ `
ALTER TABLE account DROP CONSTRAINT IF EXISTS account_account_id_fkey;
ALTER TABLE authorisation DROP CONSTRAINT IF EXISTS authorisation_account_id_fkey;
`;

/** What foreign keys asked for every row is asked once per statement, or when an account comes. */
export class CheapReferences1772000000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const part of [ACCOUNTS_IN_LEDGER, AUTHORISATION_INSERTS, AUTHORISATION_UPDATES, WITHOUT_FOREIGN_KEYS])
      await runner.query(part);
  }

  /** What is refused is what was. */
  async down(): Promise<void> {}
}
