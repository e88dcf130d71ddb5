import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { createTestDatabase } from '../../../test/servers/test-servers.js';
import { RowSet } from './row-set.js';

const COINS = new RowSet({
  ...{ coinId: 'uuid', name: 'text', worth: 'bigint', sides: 'smallint', mintedAt: 'timestamptz', mintedOn: 'date' },
  ...{ isRound: 'boolean', engraved: 'jsonb' },
});

const EURO = {
  coinId: '01234567-89ab-7def-8123-456789abcdef',
  name: 'one "euro" \\ \u00fc, [null]',
  worth: 9_007_199_254_740_993n,
  sides: 2,
  mintedAt: new Date('2026-02-03T04:05:06.789Z'),
  mintedOn: '2026-02-03',
  isRound: true,
  engraved: { words: ['a', null], year: 2026 },
};

describe('a row set', () => {
  let client: pg.Client;
  let drop: () => Promise<void>;
  beforeAll(async () => {
    const created = await createTestDatabase();
    drop = () => created.drop();
    client = new pg.Client({ connectionString: created.url });
    await client.connect();
  });
  afterAll(async () => {
    await client.end();
    await drop();
  });

  const read = async (columns: string, rows: Parameters<typeof COINS.valueOf>[0]) =>
    (await client.query(`SELECT ${columns} FROM ${COINS.from('$1')} AS coin`, [COINS.valueOf(rows)])).rows as unknown[];

  it('arrives as it was sent, whatever else the rows have', async () => {
    const columns = `"coinId", name, worth, sides, "mintedAt", "mintedOn"::text, "isRound", engraved`;
    const sent = { weight: 7.5, ...EURO };
    expect(await read(columns, [sent])).toEqual([{ ...EURO, worth: EURO.worth.toString() }]);
  });

  it('knows no value but NULL for null and undefined', async () => {
    const nothing = { coinId: null, name: null, worth: null, sides: null, mintedAt: null, mintedOn: null };
    const rows = [{ ...nothing, isRound: undefined, engraved: null }];
    expect(
      await read('num_nonnulls("coinId", name, worth, sides, "mintedAt", "mintedOn", "isRound", engraved)', rows),
    ).toEqual([{ num_nonnulls: 0 }]);
  });

  it('of no rows is empty', async () => {
    expect(await read('*', [])).toEqual([]);
  });

  it('tells the place of each row', async () => {
    const rows = ['c', 'a', 'b'].map((name) => ({ ...EURO, name }));
    const text = `SELECT name, position::integer FROM ${COINS.fromInOrder('$1')} AS coin ORDER BY name`;
    expect((await client.query(text, [COINS.valueOf(rows)])).rows).toEqual([
      { name: 'a', position: 2 },
      { name: 'b', position: 3 },
      { name: 'c', position: 1 },
    ]);
  });

  it('tells whether a text is in a column, and in no other', async () => {
    const asked = `SELECT ${COINS.has('$1::jsonb', 'name', 'euro')} AS has`;
    const has = async (rows: Parameters<typeof COINS.valueOf>[0]) =>
      (await client.query<{ has: boolean }>(asked, [COINS.valueOf(rows)])).rows[0]?.has;
    expect(await has([EURO, { ...EURO, name: 'euro' }])).toBe(true);
    expect(await has([{ ...EURO, name: 'x', engraved: 'euro' }])).toBe(false);
    expect(await has([])).toBe(false);
  });

  it('with a value that its column cannot have is refused', async () => {
    await expect(read('sides', [{ ...EURO, sides: 70_000 }])).rejects.toThrow(/out of range/);
  });
});
