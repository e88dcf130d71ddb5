import { expect } from '@jest/globals';
import type { Bank } from './bank.js';
import { differences, type Receipt } from './virtual-atms.js';

/**
 * Waits until nothing is on its way, then fails where an invariant of the audit is broken, or the books differ from what customers were told;
 * `receipts` are all that their customers ever got.
 */
export async function booksAreRight(bank: Bank, receipts: readonly Receipt[] = []): Promise<void> {
  const audit = await bank.auditWhenQuiet();
  expect(audit.checks.filter(({ ok }) => !ok)).toEqual([]);
  expect(audit.balanced).toBe(true);
  expect(await differences(bank, receipts)).toEqual([]);
}
