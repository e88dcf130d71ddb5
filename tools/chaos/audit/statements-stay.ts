import { ofKind } from '../load/operation.js';
import type { Finding, Invariant } from './invariant.js';

/** What a customer has read on a statement is acknowledged: it may never be gone or different afterwards. */
export const statementsStay: Invariant = {
  name: 'what a statement has shown stays on the books',
  async check({ operations, databases }) {
    const shown = new Map<string, { amount: bigint; accountId: string | null }>();
    const findings: Finding[] = [];
    for (const { accountId, statement } of ofKind(operations, 'statement')) {
      const entries = statement?.entries ?? [];
      for (const [index, { entryId, amount, balance }] of entries.entries()) {
        shown.set(`${accountId} ${entryId}`, { amount: BigInt(amount), accountId });
        const before = entries[index + 1];
        if (before !== undefined && before.balance + amount !== balance) {
          findings.push({ verdict: 'unexplained', what: `${accountId}: a statement does not add up at ${entryId}` });
        }
      }
    }
    const posted = new Map<string, bigint>();
    for (const { rows } of databases.accounts) {
      const lines = await rows<{ key: string; amount: string }>(
        `SELECT ledger_account_id || ' ' || entry_id AS key, amount::text AS amount FROM ledger_line WHERE balance_after IS NOT NULL`,
      );
      for (const { key, amount } of lines) posted.set(key, BigInt(amount));
    }
    for (const [key, { amount }] of shown) {
      if (posted.get(key) === amount) continue;
      findings.push({ verdict: 'lost', what: `${key} was shown with ${amount} and is ${posted.get(key) ?? 'gone'}` });
    }
    return findings;
  },
};
