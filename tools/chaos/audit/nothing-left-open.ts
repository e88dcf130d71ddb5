import type { Finding, Invariant } from './invariant.js';

/** What may not be there any more when all is quiet, by database. */
const LEFT_OPEN = {
  terminal: [
    `SELECT 'withdrawal ' || withdrawal_id || ' is still ' || state AS what FROM withdrawal
      WHERE state IN ('authorising', 'dispensing', 'dispensed', 'reversing')`,
    `SELECT 'withdrawal ' || withdrawal_id || ' is in suspense without a case' AS what FROM withdrawal
      WHERE state = 'suspense' AND NOT EXISTS (SELECT FROM suspense_case WHERE suspense_case.withdrawal_id = withdrawal.withdrawal_id)`,
    `SELECT 'deposit ' || deposit_id || ' is not settled' AS what FROM deposit WHERE state <> 'settled'`,
    `SELECT 'transfer ' || transfer_id || ' is not decided' AS what FROM transfer WHERE state = 'requested'`,
  ],
  accounts: [
    `SELECT 'the hold of withdrawal ' || withdrawal_id || ' is still open' AS what FROM authorisation WHERE state = 'held'`,
  ],
  both: [
    `SELECT type || ' ' || message_id || ' is still in the transmission queue' AS what FROM messaging.transmission_queue`,
    `SELECT 'message ' || message_id || ' is parked: ' || reason AS what FROM messaging.parked_message WHERE reason IN ('failed', 'crashed')`,
  ],
};

export const nothingLeftOpen: Invariant = {
  name: 'no hold, intent or message is left without its end',
  async check({ databases: { terminal, accounts } }) {
    const questions = [
      ...[...LEFT_OPEN.terminal, ...LEFT_OPEN.both].map((query) => [terminal, query] as const),
      ...accounts.flatMap((database) =>
        [...LEFT_OPEN.accounts, ...LEFT_OPEN.both].map((query) => [database, query] as const),
      ),
    ];
    const findings: Finding[] = [];
    for (const [{ broker, rows }, query] of questions) {
      const found = await rows<{ what: string }>(`${query} LIMIT 100`);
      findings.push(...found.map(({ what }): Finding => ({ verdict: 'unexplained', what: `${broker}: ${what}` })));
    }
    return findings;
  },
};
