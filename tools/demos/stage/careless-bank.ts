import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { Database, type SqlTransaction } from '#database';
import { HandleMessages, type JsonValue, MessageService, type ReceivedMessage } from '#messaging';

const changeSchema = z.strictObject({ account: z.string(), amount: z.int() });

type Change = z.infer<typeof changeSchema>;

/**
 * The account service of the article, and nothing more: "decrease the balance by $200". It recognises no message by itself, so that
 * nothing stands between a repeat and the customer's money but the library's inbox.
 */
@MessageService('careless-account')
export class CarelessAccount {
  @HandleMessages<Change>({ type: 'balance-change', version: 1, schema: changeSchema })
  async change(messages: readonly ReceivedMessage<Change>[], tx: SqlTransaction): Promise<JsonValue[]> {
    for (const { body } of messages) {
      const text = 'UPDATE account SET balance = balance + $2, changes = changes + 1 WHERE account = $1';
      await tx.query({ name: 'careless-change', text }, [body.account, body.amount]);
    }
    return messages.map(() => 'changed');
  }
}

/** What an ATM sends once the notes are out; a dialog of one message. */
export const balanceChange = (toBroker: string, amount: number) => ({
  dialogId: randomUUID(),
  sequence: 1,
  fromService: 'careless-atm',
  toService: 'careless-account',
  toBroker,
  type: 'balance-change',
  version: 1,
  body: { account: 'customer', amount } satisfies Change,
});

/** One customer with one balance. */
export async function openAccount(database: Database, balance: number): Promise<void> {
  const create =
    'CREATE TABLE account (account text PRIMARY KEY, balance bigint NOT NULL, changes integer NOT NULL DEFAULT 0)';
  await database.query({ name: 'careless-create', text: create });
  await database.query({ name: 'careless-open', text: `INSERT INTO account VALUES ('customer', $1)` }, [balance]);
}

export async function readAccount(database: Database): Promise<{ balance: number; changes: number }> {
  const text = `SELECT balance::float8 AS balance, changes FROM account WHERE account = 'customer'`;
  const [row] = await database.query<{ balance: number; changes: number }>({ name: 'careless-read', text });
  if (row === undefined) throw new Error('the customer has no account');
  return row;
}
