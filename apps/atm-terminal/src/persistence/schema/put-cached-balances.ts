import { RowSet } from '#database';

export const BALANCES = new RowSet({
  accountId: 'text',
  ledger: 'bigint',
  held: 'bigint',
  available: 'bigint',
  currency: 'text',
  asOf: 'timestamptz',
});

/**
 * Only newer knowledge overwrites: answers come late, repeated and out of order. In PL/pgSQL, which keeps its plans: a function in SQL is parsed
 * and planned anew by every statement that calls it.
 */
export const PUT_CACHED_BALANCES = `
CREATE OR REPLACE FUNCTION put_cached_balances(balances jsonb) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO cached_balance AS c (account_id, ledger, held, available, currency, as_of)
  SELECT g."accountId", g.ledger, g.held, g.available, g.currency, g."asOf"
    FROM ${BALANCES.from('balances')} AS g
   ORDER BY g."accountId"
  ON CONFLICT (account_id) DO UPDATE
     SET ledger = excluded.ledger, held = excluded.held, available = excluded.available, as_of = excluded.as_of
   WHERE c.as_of < excluded.as_of;
END $$;
`;
