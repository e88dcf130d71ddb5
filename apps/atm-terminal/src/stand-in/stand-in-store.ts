import type { SqlTransaction, Statement } from '#database';
import {
  StandInBudget,
  subjectsOf,
  type StandInCaps,
  type StandInRequest,
  type StandInSubject,
} from './stand-in-limits.js';

/** Locks the accounts' last known balances first: two terminals that stand in for one account do it one after the other. */
const LOCK_BALANCES: Statement = {
  name: 'stand-in-lock-balances',
  text: `SELECT account_id, available FROM cached_balance WHERE account_id = ANY($1::text[]) ORDER BY account_id FOR UPDATE`,
};

const UNSETTLED: Statement = {
  name: 'stand-in-unsettled',
  text: `SELECT account_id, sum(amount) AS amount FROM withdrawal
          WHERE account_id = ANY($1::text[]) AND authorisation = 'stand-in' AND settled_at IS NULL
            AND state IN ('dispensing', 'dispensed', 'suspense')
          GROUP BY account_id`,
};

const OPEN_USAGE: Statement = {
  name: 'stand-in-open-usage',
  text: `INSERT INTO stand_in_usage (scope, subject, business_date, cap)
         SELECT scope, subject, (now() AT TIME ZONE 'UTC')::date, cap
           FROM unnest($1::text[], $2::text[], $3::bigint[]) AS g (scope, subject, cap) ORDER BY scope, subject
         ON CONFLICT DO NOTHING`,
};

const LOCK_USAGE: Statement = {
  name: 'stand-in-lock-usage',
  text: `SELECT u.scope, u.subject, u.amount FROM stand_in_usage u
           JOIN unnest($1::text[], $2::text[]) AS g (scope, subject) USING (scope, subject)
          WHERE u.business_date = (now() AT TIME ZONE 'UTC')::date
          ORDER BY u.scope, u.subject FOR UPDATE OF u`,
};

/** A cap that was lowered below what is used already stays where the use is; it is the next request that is refused. */
const STORE_USAGE: Statement = {
  name: 'stand-in-store-usage',
  text: `UPDATE stand_in_usage u SET amount = g.amount, cap = greatest(g.cap, g.amount)
           FROM unnest($1::text[], $2::text[], $3::bigint[], $4::bigint[]) AS g (scope, subject, amount, cap)
          WHERE (u.scope, u.subject) = (g.scope, g.subject) AND u.business_date = (now() AT TIME ZONE 'UTC')::date`,
};

type Candidate = Omit<StandInRequest, 'amount'>;

/** Loads what the candidates may still stand in for, and locks it until the end of the transaction. */
export async function openStandInBudget(
  tx: SqlTransaction,
  caps: StandInCaps,
  candidates: readonly Candidate[],
): Promise<StandInBudget> {
  if (candidates.length === 0) return new StandInBudget(caps, [], new Map());
  const accounts = [...new Set(candidates.map(({ accountId }) => accountId))];
  const balances = await tx.query<{ account_id: string; available: string }>(LOCK_BALANCES, [accounts]);
  const unsettled = await tx.query<{ account_id: string; amount: string }>(UNSETTLED, [accounts]);
  const available = new Map(balances.map((row) => [row.account_id, BigInt(row.available)]));
  for (const row of unsettled) {
    available.set(row.account_id, (available.get(row.account_id) ?? 0n) - BigInt(row.amount));
  }
  const subjects = distinct(candidates.flatMap(subjectsOf));
  const columns = [subjects.map(({ scope }) => scope), subjects.map(({ subject }) => subject)];
  await tx.query(OPEN_USAGE, [...columns, subjects.map(({ scope }) => caps[scope])]);
  const used = await tx.query<StandInSubject & { amount: string }>(LOCK_USAGE, columns);
  return new StandInBudget(
    caps,
    used.map((row) => ({ ...row, amount: BigInt(row.amount) })),
    available,
  );
}

/** Stores what was granted. The table's own CHECK refuses what is over a cap. */
export async function storeStandInUsage(tx: SqlTransaction, caps: StandInCaps, budget: StandInBudget): Promise<void> {
  const changes = budget.changes();
  if (changes.length === 0) return;
  await tx.query(STORE_USAGE, [
    changes.map(({ scope }) => scope),
    changes.map(({ subject }) => subject),
    changes.map(({ amount }) => amount),
    changes.map(({ scope }) => caps[scope]),
  ]);
}

function distinct(subjects: readonly StandInSubject[]): StandInSubject[] {
  return [...new Map(subjects.map((one) => [`${one.scope} ${one.subject}`, one])).values()];
}
