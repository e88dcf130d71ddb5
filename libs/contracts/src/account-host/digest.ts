/**
 * The hash in `digestSchema`, as PostgreSQL computes it on either side: the sum, as a decimal string, of the first 60 bits
 * of `md5(id:amount)` over all members. A sum does not depend on order, and two sets that differ in any id or amount
 * agree only by an accident of one in 2^60. `id` is an SQL expression of type uuid, `amount` of type bigint (minor units).
 */
export function digestHashSql(id: string, amount: string): string {
  return `coalesce(sum(('x' || substr(md5(${id}::text || ':' || ${amount}::text), 1, 15))::bit(60)::bigint), 0)::text`;
}
