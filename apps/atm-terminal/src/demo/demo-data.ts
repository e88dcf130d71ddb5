import { createHash } from 'node:crypto';
import type { Database, Statement } from '#database';

const TERMINALS = Array.from({ length: 8 }, (_, index) => `ATM-00${index + 1}`);
const DENOMINATIONS = [1_000, 2_000, 5_000, 10_000];
const NOTES_PER_CASSETTE = 25_000;

const CREATE_TERMINALS: Statement = {
  name: 'demo-terminals',
  text: `INSERT INTO terminal (terminal_id, key_hash, currency)
         SELECT terminal_id, key_hash, 'EUR' FROM unnest($1::text[], $2::text[]) AS g (terminal_id, key_hash)
         ON CONFLICT DO NOTHING`,
};

const CREATE_CASSETTES: Statement = {
  name: 'demo-cassettes',
  text: `INSERT INTO cassette (terminal_id, denomination, capacity, loaded, remaining)
         SELECT terminal_id, denomination, $3::integer, $3::integer, $3::integer
           FROM unnest($1::text[]) AS terminal_id CROSS JOIN unnest($2::integer[]) AS denomination
         ON CONFLICT DO NOTHING`,
};

/**
 * The demo profile's terminals: ATM-001 … ATM-008 with the published keys demo-key-ATM-001 …, full cassettes of 10, 20, 50 and 100. What is
 * there stays as it is; replicas that start together do it together.
 */
export async function provideDemoData(database: Database): Promise<void> {
  const keyHashes = TERMINALS.map((id) => createHash('sha256').update(`demo-key-${id}`).digest('hex'));
  await database.query(CREATE_TERMINALS, [TERMINALS, keyHashes]);
  await database.query(CREATE_CASSETTES, [TERMINALS, DENOMINATIONS, NOTES_PER_CASSETTE]);
}
