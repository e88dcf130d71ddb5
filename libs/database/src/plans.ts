import type { Statement } from './database.js';

/**
 * Server settings of every connection (the `options` of a node-postgres pool). All that a request does is look-ups by key, but prepared
 * statements are planned once, often while their tables are still empty or (queues) happen to be, and would scan and hash whole
 * tables ever after. With these, plans do not depend on how full a table was: an index wherever there is one, row by row; and each is
 * planned once, not again and again for its parameters.
 */
export const KEYED_PLANS =
  '-c enable_seqscan=off -c enable_hashjoin=off -c enable_mergejoin=off -c jit=off -c plan_cache_mode=force_generic_plan';

/**
 * Lets the planner choose freely until the end of the transaction: for what reads whole tables. It plans for the values at hand each time, since only
 * a list that it can see is hashed: a statement that was run five times on small tables would keep a plan that goes through a list of 100,000 ids
 * for every row of a ledger. What it hashes has room in memory: of ten million withdrawals each table would otherwise be written to disk and read
 * again piece by piece. Such a statement takes minutes, and PostgreSQL would finish it also for a process that has died meanwhile; here it looks every
 * two seconds whether somebody is still there.
 */
export const FREE_PLANS: Statement = {
  name: 'database-free-plans',
  text: `SELECT set_config(setting, 'on', true), set_config('plan_cache_mode', 'force_custom_plan', true), set_config('work_mem', '64MB', true),
                set_config('client_connection_check_interval', '2s', true)
           FROM unnest(ARRAY['enable_seqscan', 'enable_hashjoin', 'enable_mergejoin']) AS setting`,
};
