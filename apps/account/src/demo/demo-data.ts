import { Placement } from '#contracts';
import type { Database, SqlTransaction, Statement } from '#database';
import { CardKeys, maskCardNumber } from '../pin/card-keys.js';

/** Published; worth nothing outside the demo profile, where none of this exists. */
const PIN = '1234';
const CARDS = 100;
const CURRENCY = 'EUR';
const OPENING_BALANCE = '100000000';
const DAILY_LIMIT = '50000';

interface DemoCustomer {
  readonly accountId: string;
  readonly cardToken: string;
  readonly maskedNumber: string;
  readonly pinVerifier: string;
  readonly status: 'active' | 'blocked';
  readonly dailyLimit: string | null;
  readonly openingBalance: string;
}

/** Replicas that start together bring the data in one after another; the second finds all of it there. */
const LOCK: Statement = { name: 'lock-demo-data', text: /* sql */ `SELECT pg_advisory_xact_lock(4221002)` };

const ROW = /* sql */ `jsonb_to_recordset($1::jsonb) AS row (
  "accountId" text, "cardToken" text, "maskedNumber" text, "pinVerifier" text, status text, "dailyLimit" bigint,
  "openingBalance" bigint)`;

const INSERT_LEDGER_ACCOUNTS: Statement = {
  name: 'insert-demo-ledger-accounts',
  text: /* sql */ `
    INSERT INTO ledger_account (ledger_account_id, kind, currency)
    SELECT 'opening', 'opening', $2 UNION ALL SELECT "accountId", 'customer', $2 FROM ${ROW}
    ON CONFLICT DO NOTHING`,
};

const INSERT_ACCOUNTS: Statement = {
  name: 'insert-demo-accounts',
  text: /* sql */ `
    INSERT INTO account (account_id, currency) SELECT "accountId", $2 FROM ${ROW} ON CONFLICT DO NOTHING`,
};

const INSERT_CARDS: Statement = {
  name: 'insert-demo-cards',
  text: /* sql */ `
    INSERT INTO card (card_token, masked_number, account_id, pin_verifier, status, daily_limit)
    SELECT "cardToken", "maskedNumber", "accountId", decode("pinVerifier", 'hex'), status, "dailyLimit" FROM ${ROW}
    ON CONFLICT DO NOTHING`,
};

/** Each account is opened once: the cause, and with it the entry, is derived from its id. */
const INSERT_OPENING_ENTRIES: Statement = {
  name: 'insert-demo-opening-entries',
  text: /* sql */ `
    WITH entry AS (
      INSERT INTO ledger_entry (entry_id, kind, cause_id, currency, requested_at)
      SELECT gen_random_uuid(), 'opening', md5('opening:' || "accountId")::uuid, $2, now() FROM ${ROW}
      ON CONFLICT DO NOTHING
      RETURNING entry_id, cause_id
    ), opened AS (
      SELECT entry_id, "accountId", "openingBalance"
        FROM entry JOIN ${ROW} ON md5('opening:' || "accountId")::uuid = cause_id
    )
    INSERT INTO ledger_line (entry_id, line_no, ledger_account_id, amount, balance_after)
    SELECT entry_id, 1, "accountId", "openingBalance", "openingBalance" FROM opened
    UNION ALL
    SELECT entry_id, 2, 'opening', -"openingBalance", NULL FROM opened`,
};

const ALL_ACCOUNTS: Statement = { name: 'demo-accounts', text: /* sql */ `SELECT account_id FROM account` };

export interface DemoDataOptions {
  readonly keys: CardKeys;
  /** This broker instance gets the customers that the placement gives it, so that each exists once over all brokers. */
  readonly broker: string;
  readonly placement?: Placement | undefined;
}

/**
 * The cards, accounts and balances that the demo profile always has (DESIGN, section 6). Idempotent. Throws where the database has
 * accounts that the placement gives to another broker: two brokers would have the same money.
 */
export async function provideDemoData(database: Database, { keys, broker, ...given }: DemoDataOptions): Promise<void> {
  const placement = given.placement ?? Placement.everythingAt(broker);
  const all = Array.from({ length: CARDS }, (_, index) => customer(index + 1, keys));
  const rows = JSON.stringify(all.filter(({ accountId }) => placement.brokerOf(accountId) === broker));
  await database.transaction(async (tx) => {
    await tx.query(LOCK);
    await refuseMisplaced(tx, broker, placement);
    await tx.query(INSERT_LEDGER_ACCOUNTS, [rows, CURRENCY]);
    await tx.query(INSERT_ACCOUNTS, [rows, CURRENCY]);
    await tx.query(INSERT_CARDS, [rows]);
    await tx.query(INSERT_OPENING_ENTRIES, [rows, CURRENCY]);
  });
}

async function refuseMisplaced(tx: SqlTransaction, broker: string, placement: Placement): Promise<void> {
  const present = await tx.query<{ account_id: string }>(ALL_ACCOUNTS);
  const misplaced = present.find(({ account_id: id }) => (placement.brokerOf(id) ?? broker) !== broker);
  if (misplaced === undefined) return;
  const { account_id: accountId } = misplaced;
  throw new Error(`${accountId} is in the database of ${broker}, but placed at ${placement.brokerOf(accountId)}`);
}

function customer(number: number, keys: CardKeys): DemoCustomer {
  const cardNumber = `400000100000${String(number).padStart(4, '0')}`;
  const cardToken = keys.tokenOf(cardNumber);
  return {
    accountId: `ACC-${String(number).padStart(4, '0')}`,
    cardToken,
    maskedNumber: maskCardNumber(cardNumber),
    pinVerifier: keys.verifierOf(cardToken, PIN).toString('hex'),
    status: number === 100 ? 'blocked' : 'active',
    dailyLimit: number >= 91 && number <= 95 ? DAILY_LIMIT : null,
    openingBalance: number === 99 ? '5000' : OPENING_BALANCE,
  };
}
