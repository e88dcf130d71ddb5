import type { MigrationInterface, QueryRunner } from 'typeorm';
import { WITHDRAWAL_STEPS } from './withdrawal-steps.js';

/**
 * A withdrawal that is taken in one step stands for the key of its request: its id is derived from the key, the fingerprint says what was asked, and the
 * row what is answered. A claim with an answer of its own was two more writes to a table with two indexes.
 */
const FINGERPRINT = `
ALTER TABLE withdrawal ADD COLUMN fingerprint text;

CREATE TRIGGER withdrawal_fingerprint BEFORE UPDATE OF fingerprint ON withdrawal FOR EACH ROW
  WHEN (OLD.fingerprint IS DISTINCT FROM NEW.fingerprint) EXECUTE FUNCTION withdrawal_facts_are_fixed();
`;

const STEPS_WITHOUT_ANSWERS = `
DROP FUNCTION IF EXISTS store_withdrawal_steps(text[], jsonb, jsonb, jsonb, jsonb, jsonb, text[], text[], smallint[], text[]);
${WITHDRAWAL_STEPS}`;

export class KeysOfWithdrawals1769000000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const part of [FINGERPRINT, STEPS_WITHOUT_ANSWERS]) await runner.query(part);
  }

  /** Claims that are in the rows now are nowhere else. */
  async down(): Promise<void> {
    throw new Error('what stands for a key cannot be taken back');
  }
}
