import { cashOf, ofKind } from '../load/operation.js';
import type { Finding, Invariant } from './invariant.js';

const WORTH = (notes: string) =>
  `(SELECT coalesce(sum((note ->> 'denomination')::bigint * (note ->> 'count')::bigint), 0) FROM jsonb_array_elements(${notes}) note)`;

/** The dispensers' own records against what the customers have in hand. */
export const cashGivenOnce: Invariant = {
  name: 'notes that left a dispenser are in the hands of the customer who asked, once',
  async check({ operations, databases, baseline }) {
    const inHand = new Map<string, bigint>();
    for (const { withdrawal } of ofKind(operations, 'withdrawal')) {
      if (withdrawal === null) continue;
      inHand.set(withdrawal.withdrawalId, BigInt(cashOf(withdrawal)));
    }
    const records = await databases.terminal.rows<{ id: string; taken: string }>(
      `SELECT record.withdrawal_id AS id, ${WORTH('taken')}::text AS taken FROM dispenser.record WHERE at >= $1`,
      [baseline.at],
    );
    const given = new Map(records.map(({ id, taken }) => [id, BigInt(taken)]));
    return [...new Set([...inHand.keys(), ...given.keys()])].flatMap((id): Finding[] => {
      const [has, gave] = [inHand.get(id) ?? 0n, given.get(id) ?? 0n];
      if (has === gave) return [];
      const what = `withdrawal ${id}: the customer has ${has}, the dispenser gave ${gave}`;
      return [{ verdict: has > gave ? 'lost' : 'unexplained', what }];
    });
  },
};
