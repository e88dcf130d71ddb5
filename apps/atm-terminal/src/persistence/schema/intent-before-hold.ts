import type { MigrationInterface, QueryRunner } from 'typeorm';
import { APPEND_JOURNAL } from './append-journal.js';
import { WITHDRAWAL_STEPS } from './withdrawal-steps.js';
import { WITHDRAWAL_FACTS, WITHDRAWAL_TRANSITIONS } from './withdrawals.js';

const STEPS_WITH_ARRIVALS = `
DROP FUNCTION IF EXISTS store_withdrawal_steps(text[], jsonb, jsonb, jsonb, jsonb, jsonb);
${WITHDRAWAL_STEPS}`;

export class IntentBeforeHold1771000000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const part of [WITHDRAWAL_TRANSITIONS, WITHDRAWAL_FACTS, APPEND_JOURNAL, STEPS_WITH_ARRIVALS])
      await runner.query(part);
  }

  /** Outcomes would be refused of what has begun meanwhile. */
  async down(): Promise<void> {
    throw new Error('withdrawals whose intent came before their hold cannot be taken back');
  }
}
