import type { MigrationInterface, QueryRunner } from 'typeorm';
import { APPEND_JOURNAL } from './append-journal.js';
import { WITHDRAWAL_STEPS } from './withdrawal-steps.js';

/**
 * A withdrawal's row comes with its intent, before the hold is asked for: what the dispenser has done is known from its own record, so from
 * `authorising` every outcome follows.
 */
const OUTCOMES_OF_AUTHORISING = `
CREATE OR REPLACE FUNCTION withdrawal_transition_is_legal() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (OLD.state, NEW.state) NOT IN (
    ('awaiting-amount', 'authorising'),
    ('authorising', 'dispensing'), ('authorising', 'declined'), ('authorising', 'reversing'),
    ('authorising', 'dispensed'), ('authorising', 'suspense'),
    ('dispensing', 'dispensed'), ('dispensing', 'reversing'), ('dispensing', 'suspense'),
    ('dispensed', 'settled'), ('reversing', 'reversed')
  ) THEN
    RAISE EXCEPTION 'withdrawal % cannot go from % to %', OLD.withdrawal_id, OLD.state, NEW.state
      USING ERRCODE = 'check_violation';
  END IF;
  RETURN NEW;
END $$;

CREATE OR REPLACE TRIGGER withdrawal_facts BEFORE UPDATE ON withdrawal FOR EACH ROW
  WHEN (OLD.amount IS DISTINCT FROM NEW.amount AND OLD.amount IS NOT NULL
     OR (OLD.session_id, OLD.terminal_id, OLD.account_id, OLD.stan, OLD.rrn, OLD.created_at)
        IS DISTINCT FROM (NEW.session_id, NEW.terminal_id, NEW.account_id, NEW.stan, NEW.rrn, NEW.created_at)
     OR OLD.state NOT IN ('authorising', 'dispensing') AND (OLD.taken, OLD.rejected, OLD.retracted, OLD.suspense)
        IS DISTINCT FROM (NEW.taken, NEW.rejected, NEW.retracted, NEW.suspense))
  EXECUTE FUNCTION withdrawal_facts_are_fixed();
`;

const STEPS_WITH_ARRIVALS = `
DROP FUNCTION IF EXISTS store_withdrawal_steps(text[], jsonb, jsonb, jsonb, jsonb, jsonb);
${WITHDRAWAL_STEPS}`;

export class IntentBeforeHold1771000000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const part of [OUTCOMES_OF_AUTHORISING, APPEND_JOURNAL, STEPS_WITH_ARRIVALS]) await runner.query(part);
  }

  /** Outcomes would be refused of what has begun meanwhile. */
  async down(): Promise<void> {
    throw new Error('withdrawals whose intent came before their hold cannot be taken back');
  }
}
