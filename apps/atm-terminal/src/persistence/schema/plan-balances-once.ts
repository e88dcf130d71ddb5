import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Only newer knowledge overwrites: answers come late, repeated and out of order. In PL/pgSQL, which keeps its plans: a function in SQL is parsed
 * and planned anew by every statement that calls it.
 */
const PUT_CACHED_BALANCES = `
CREATE OR REPLACE FUNCTION put_cached_balances(balances jsonb) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO cached_balance AS c (account_id, ledger, held, available, currency, as_of)
  SELECT g.account_id, g.ledger, g.held, g.available, g.currency, g.as_of
    FROM jsonb_to_recordset(balances)
         AS g (account_id text, ledger bigint, held bigint, available bigint, currency text, as_of timestamptz)
   ORDER BY g.account_id
  ON CONFLICT (account_id) DO UPDATE
     SET ledger = excluded.ledger, held = excluded.held, available = excluded.available, as_of = excluded.as_of
   WHERE c.as_of < excluded.as_of;
END $$;
`;

export class PlanBalancesOnce1768000000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(PUT_CACHED_BALANCES);
  }

  /** What it does is what it did. */
  async down(): Promise<void> {}
}
