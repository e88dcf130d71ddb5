import type { MigrationInterface, QueryRunner } from 'typeorm';
import { APPEND_JOURNAL } from './append-journal.js';
import { WITHDRAWAL_STEPS } from './withdrawal-steps.js';
import { WITHDRAWAL_FACTS } from './withdrawals.js';

const COLUMNS = ['taken', 'rejected', 'retracted', 'suspense', 'deposited'];

const TOTALS = `
ALTER TABLE terminal ${COLUMNS.map((name) => `ADD COLUMN IF NOT EXISTS ${name} bigint NOT NULL DEFAULT 0`).join(', ')};

UPDATE terminal t SET taken = w.taken, rejected = w.rejected, retracted = w.retracted, suspense = w.suspense
  FROM (SELECT terminal_id, sum(taken) AS taken, sum(rejected) AS rejected, sum(retracted) AS retracted, sum(suspense) AS suspense
          FROM withdrawal GROUP BY 1) w
 WHERE w.terminal_id = t.terminal_id;

UPDATE terminal t SET deposited = d.amount
  FROM (SELECT terminal_id, sum(amount) AS amount FROM deposit GROUP BY 1) d
 WHERE d.terminal_id = t.terminal_id;
`;

const STEPS_WITH_TOTALS = `
DROP FUNCTION IF EXISTS chain_journal(jsonb);
${APPEND_JOURNAL}
DROP FUNCTION IF EXISTS store_withdrawal_steps(text[], jsonb, jsonb, jsonb, jsonb, jsonb, jsonb);
${WITHDRAWAL_STEPS}`;

/**
 * What an operator is told of a terminal was added up from all of its withdrawals whenever somebody asked. With it come the triggers that look at a withdrawal's facts only where a
 * statement names them.
 */
export class TerminalTotals1772000000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const part of [TOTALS, STEPS_WITH_TOTALS, WITHDRAWAL_FACTS]) await runner.query(part);
  }

  /** Replicas that do not keep the totals would leave them behind. */
  async down(): Promise<void> {
    throw new Error('totals that are kept cannot be taken back');
  }
}
