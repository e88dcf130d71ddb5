import type { Finding, Invariant } from './invariant.js';

/** By terminal: notes missing from the cassettes, what its withdrawals say became of them, and what the ledgers have credited to its cash. */
export const cassettesAddUp: Invariant = {
  name: 'by terminal: loaded − remaining = taken + rejected + retracted + suspense = credits to ATM cash',
  async check({ databases }) {
    const terminals = await databases.terminal.rows<{ id: string; missing: string; explained: string }>(`
      SELECT terminal_id AS id, missing::text, coalesce(explained, 0)::text AS explained
        FROM (SELECT terminal_id, sum((loaded - remaining) * denomination) AS missing FROM cassette GROUP BY 1) cassettes
        LEFT JOIN (SELECT terminal_id, sum(taken + rejected + retracted + suspense) AS explained FROM withdrawal GROUP BY 1) given
             USING (terminal_id)`);
    const credited = new Map<string, bigint>();
    for (const { rows } of databases.accounts) {
      const credits = await rows<{ id: string; amount: string }>(`
        SELECT substr(ledger_account_id, length('atm-cash:') + 1) AS id, sum(amount)::text AS amount
          FROM ledger_line WHERE ledger_account_id LIKE 'atm-cash:%' GROUP BY 1`);
      for (const { id, amount } of credits) credited.set(id, (credited.get(id) ?? 0n) + BigInt(amount));
    }
    return terminals.flatMap(({ id, missing, explained }): Finding[] => {
      const credits = credited.get(id) ?? 0n;
      if (missing === explained && BigInt(missing) === credits) return [];
      const verdict = BigInt(missing) > credits ? 'lost' : 'doubled';
      return [{ verdict, what: `${id}: ${missing} missing, ${explained} explained, ${credits} credited` }];
    });
  },
};
