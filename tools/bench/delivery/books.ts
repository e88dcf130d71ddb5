import pg from 'pg';
import type { Statement } from '#database';
import type { Transfer } from './contestant.js';

/** Accounts that transfers are spread over. */
export const ACCOUNTS = 10_000;

const SOURCE_TABLES = `
  DROP TABLE IF EXISTS transfer;
  CREATE TABLE transfer (id uuid PRIMARY KEY, account bigint NOT NULL, amount bigint NOT NULL, at timestamptz NOT NULL DEFAULT now())`;

/**
 * The effect: a processed id and a balance. Accounts are locked in one order, so that sets which share some cannot wait for each other in a
 * circle; what is already processed changes nothing.
 */
const TARGET_TABLES = `
  DROP TABLE IF EXISTS account, processed;
  CREATE TABLE account (id bigint PRIMARY KEY, balance bigint NOT NULL) WITH (fillfactor = 70);
  INSERT INTO account SELECT id, 0 FROM generate_series(1, ${ACCOUNTS}) AS id;
  CREATE TABLE processed (id uuid PRIMARY KEY, at timestamptz NOT NULL DEFAULT now());
  CREATE OR REPLACE FUNCTION credit(accounts bigint[], amounts bigint[]) RETURNS void LANGUAGE plpgsql AS $$
  BEGIN
    PERFORM FROM account WHERE id = ANY (accounts) ORDER BY id FOR NO KEY UPDATE;
    UPDATE account SET balance = balance + total
      FROM (SELECT account_id, sum(amount) AS total FROM unnest(accounts, amounts) AS one (account_id, amount) GROUP BY 1) AS totals
     WHERE id = account_id;
  END $$;
  CREATE OR REPLACE FUNCTION credit_once(ids uuid[], accounts bigint[], amounts bigint[]) RETURNS void LANGUAGE plpgsql AS $$
  DECLARE
    fresh record;
  BEGIN
    WITH inserted AS (INSERT INTO processed (id) SELECT unnest(ids) ON CONFLICT DO NOTHING RETURNING id)
    SELECT array_agg(account) AS accounts, array_agg(amount) AS amounts INTO fresh
      FROM unnest(ids, accounts, amounts) AS one (id, account, amount) JOIN inserted USING (id);
    IF fresh.accounts IS NOT NULL THEN PERFORM credit(fresh.accounts, fresh.amounts); END IF;
  END $$;
  ANALYZE account`;

/** Rows of the source. */
export const INSERT_TRANSFERS: Statement = {
  name: 'insert-transfers',
  text: 'INSERT INTO transfer (id, account, amount) SELECT * FROM unnest($1::uuid[], $2::bigint[], $3::bigint[])',
};

/** The effect, whatever came before: for targets that may be told twice. */
export const CREDIT_ONCE: Statement = { name: 'credit-once', text: 'SELECT credit_once($1, $2, $3)' };

/** The effect alone: for targets whose library tells only once. Of the values that `columnsOf` gives, without the ids. */
export const CREDIT: Statement = { name: 'credit', text: 'SELECT credit($1, $2)' };

export const columnsOf = (transfers: readonly Transfer[]): [string[], number[], number[]] => [
  transfers.map(({ id }) => id),
  transfers.map(({ account }) => account),
  transfers.map(({ amount }) => amount),
];

export async function makeBooks(sourceUrl: string, targetUrl: string): Promise<void> {
  await withClient(sourceUrl, (client) => client.query(SOURCE_TABLES));
  await withClient(targetUrl, (client) => client.query(TARGET_TABLES));
}

/** Sums of what was sent and of what was applied, minor units: equal where each was applied exactly once. */
export interface Books {
  readonly sent: number;
  readonly applied: number;
}

export async function readBooks(sourceUrl: string, targetUrl: string): Promise<Books> {
  const sum = (url: string, text: string) =>
    withClient(url, async (client) => (await client.query<{ sum: number }>(text)).rows[0]?.sum ?? 0);
  return {
    sent: await sum(sourceUrl, 'SELECT coalesce(sum(amount), 0)::float8 AS sum FROM transfer'),
    applied: await sum(targetUrl, 'SELECT coalesce(sum(balance), 0)::float8 AS sum FROM account'),
  };
}

async function withClient<Result>(url: string, work: (client: pg.Client) => Promise<Result>): Promise<Result> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
