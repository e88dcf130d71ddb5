import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { aWithdrawal, openTestHost, type TestHost } from '../testing/test-host.js';

/** Writes that the application never makes, straight into the tables: the database must refuse each by itself. */
describe('the account database by itself', () => {
  let host: TestHost;
  beforeAll(async () => {
    host = await openTestHost();
    await host.sql(`INSERT INTO ledger_account VALUES ('atm-cash:T', 'atm-cash', 'EUR')`);
  });
  afterAll(() => host.close());

  /** An entry with its lines: [account, amount, balance after]. */
  const post = (
    lines: readonly (readonly [string, number, number | null])[],
    kind = 'withdrawal',
    cause = 'gen_random_uuid()',
  ) =>
    host.sql(`
      WITH entry AS (
        INSERT INTO ledger_entry (entry_id, kind, cause_id, currency, requested_at, advice_id)
        VALUES (gen_random_uuid(), '${kind}', ${cause}, 'EUR', now(), ${kind === 'opening' ? 'NULL' : 'gen_random_uuid()'})
        RETURNING entry_id)
      INSERT INTO ledger_line (entry_id, line_no, ledger_account_id, amount, balance_after)
      SELECT entry_id, line.* FROM entry, (VALUES
        ${lines.map(([account, amount, after], index) => `(${index + 1}, '${account}', ${amount}::bigint, ${after}::bigint)`).join(', ')}) line`);

  const authorise = (over: Record<string, unknown> = {}) => {
    const { withdrawalId, accountId, cardToken, terminalId, stan, rrn, requestedAt } = aWithdrawal(1);
    const row = {
      withdrawal_id: withdrawalId,
      account_id: accountId,
      card_token: cardToken,
      terminal_id: terminalId,
      stan,
      rrn,
      requested_at: requestedAt,
      state: 'held',
      amount: 100,
      response_code: '00',
      ...over,
    };
    const names = Object.keys(row);
    return host
      .sql(
        `INSERT INTO authorisation (${names.join(', ')}) VALUES (${names.map((_, index) => `$${index + 1}`).join(', ')})`,
        Object.values(row),
      )
      .then(() => row.withdrawal_id);
  };

  it('takes an entry that is right, and moves the account with it', async () => {
    await post([
      ['ACC-0002', -100, 99_999_900],
      ['atm-cash:T', 100, null],
    ]);
    const [account] = await host.sql(`SELECT ledger_balance FROM account WHERE account_id = 'ACC-0002'`);
    expect(account).toEqual({ ledger_balance: '99999900' });
  });

  it.each([
    [
      'lines that do not sum to zero',
      /do not sum to zero/,
      [
        ['ACC-0003', -100, 99_999_900],
        ['atm-cash:T', 90, null],
      ],
    ],
    [
      'a line of nothing',
      /amount_check/,
      [
        ['ACC-0003', 0, 100_000_000],
        ['atm-cash:T', 0, null],
      ],
    ],
    [
      'a wrong balance',
      /not the sum of its lines/,
      [
        ['ACC-0003', -100, 1],
        ['atm-cash:T', 100, null],
      ],
    ],
    [
      'a customer without a balance',
      /if and only if/,
      [
        ['ACC-0003', -100, null],
        ['atm-cash:T', 100, null],
      ],
    ],
    [
      'a balance on a cash account',
      /if and only if/,
      [
        ['ACC-0003', -100, 99_999_900],
        ['atm-cash:T', 100, 100],
      ],
    ],
    [
      'an unknown account',
      /foreign key/,
      [
        ['ACC-0003', -100, 99_999_900],
        ['nowhere', 100, null],
      ],
    ],
    [
      'more than is available',
      /account_available/,
      [
        ['ACC-0099', -5_001, -1],
        ['atm-cash:T', 5_001, null],
      ],
    ],
  ] as const)('refuses %s', async (_, message, lines) => {
    await expect(post(lines)).rejects.toThrow(message);
  });

  it('refuses a second entry of a kind for one cause, and a reversal of what was completed', async () => {
    const cause = `'018f0000-0000-7000-8000-000000000001'`;
    const cash = (amount: number) =>
      [
        ['atm-cash:T', amount, null],
        ['atm-cash:T', -amount, null],
      ] as const;
    await post(cash(10), 'withdrawal', cause);
    await expect(post(cash(10), 'withdrawal', cause)).rejects.toThrow(/ledger_entry_cause/);
    await expect(post(cash(10), 'reversal', cause)).rejects.toThrow(/ledger_entry_cause/);
    await post(cash(10), 'suspense', cause);
  });

  it.each(['ledger_entry', 'ledger_line'])('refuses to change, delete or truncate %s', async (table) => {
    await expect(host.sql(`UPDATE ${table} SET entry_id = entry_id`)).rejects.toThrow(/what is posted stays/);
    await expect(host.sql(`DELETE FROM ${table}`)).rejects.toThrow(/what is posted stays/);
    await expect(host.sql(`TRUNCATE ${table} CASCADE`)).rejects.toThrow(/what is posted stays/);
  });

  it('refuses totals that are written by hand', async () => {
    for (const total of ['ledger_balance', 'held', 'forced'])
      await expect(host.sql(`UPDATE account SET ${total} = 1`)).rejects.toThrow(/refused/);
    await host.sql(`INSERT INTO ledger_account VALUES ('ACC-X', 'customer', 'EUR')`);
    await expect(
      host.sql(`INSERT INTO account (account_id, currency, ledger_balance) VALUES ('ACC-X', 'EUR', 1)`),
    ).rejects.toThrow(/refused/);
  });

  it('has accounts that are in the ledger, under one name for good, and authorisations of accounts that are there', async () => {
    await expect(host.sql(`INSERT INTO account (account_id, currency) VALUES ('nowhere', 'EUR')`)).rejects.toThrow(
      /foreign key/,
    );
    await expect(host.sql(`UPDATE account SET account_id = 'atm-cash:T'`)).rejects.toThrow(/stays/);
    for (const state of ['held', 'declined'])
      await expect(
        authorise({ account_id: 'nowhere', state, response_code: state === 'held' ? '00' : '51' }),
      ).rejects.toThrow(/foreign key/);
  });

  it('moves the holds of an account with its authorisations', async () => {
    const held = async () => (await host.sql(`SELECT held FROM account WHERE account_id = 'ACC-0001'`))[0];
    const withdrawalId = await authorise();
    expect(await held()).toEqual({ held: '100' });
    await host.sql(
      `UPDATE authorisation SET state = 'reversed', advice_id = gen_random_uuid() WHERE withdrawal_id = $1`,
      [withdrawalId],
    );
    expect(await held()).toEqual({ held: '0' });
  });

  it('refuses holds beyond what is available', async () => {
    await expect(authorise({ account_id: 'ACC-0099', amount: 5_001 })).rejects.toThrow(/account_available/);
  });

  it.each([
    ['held', 'declined', `response_code = '51'`],
    ['reversed', 'held', 'advice_id = NULL'],
    ['reversed', 'completed', 'taken = 1'],
    ['completed', 'reversed', 'taken = NULL'],
    ['completed', 'suspended', 'taken = NULL, suspense = 1'],
  ])('refuses that a withdrawal goes from %s to %s', async (from, to, also) => {
    const final = from === 'held' ? {} : { advice_id: '018f0000-0000-7000-8000-000000000002' };
    const taken = from === 'completed' ? { taken: 0 } : {};
    const withdrawalId = await authorise({ state: from, ...final, ...taken });
    await expect(
      host.sql(`UPDATE authorisation SET state = '${to}', ${also} WHERE withdrawal_id = $1`, [withdrawalId]),
    ).rejects.toThrow(/no valid transition/);
  });

  it('refuses to change what was authorised, or to forget it', async () => {
    const withdrawalId = await authorise();
    const advised = `advice_id = gen_random_uuid()`;
    for (const change of ['amount = 1', `account_id = 'ACC-0002'`, `response_code = NULL`, `requested_at = now()`])
      await expect(
        host.sql(`UPDATE authorisation SET state = 'reversed', ${advised}, ${change} WHERE withdrawal_id = $1`, [
          withdrawalId,
        ]),
      ).rejects.toThrow(/no valid transition/);
    await expect(host.sql('DELETE FROM authorisation')).rejects.toThrow(/stays/);
  });

  it('refuses a fourth PIN try and a card that is not masked', async () => {
    await expect(host.sql('UPDATE card SET tries_left = -1')).rejects.toThrow(/tries_left_check/);
    await expect(host.sql('UPDATE card SET tries_left = 4')).rejects.toThrow(/tries_left_check/);
    await expect(host.sql(`UPDATE card SET masked_number = '4000001000000001'`)).rejects.toThrow(/masked_number_check/);
  });
});
