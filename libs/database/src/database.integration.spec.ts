import { EventEmitter, once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { grownOldBy } from '../../../test/grown-old/grown-old.js';
import { createTestDatabase } from '../../../test/servers/test-servers.js';
import { Database, type Statement } from './database.js';
import { poolConfigOf } from './servers/pool-config.js';

const INSERT: Statement = { name: 'test.insert', text: 'INSERT INTO seen(id) VALUES ($1) RETURNING id' };
const COUNT: Statement = { name: 'test.count', text: 'SELECT count(*)::int AS count FROM seen WHERE id = $1' };
const BUMP: Statement = { name: 'test.bump', text: 'UPDATE counter SET value = value + 1 WHERE id = $1' };
const PID: Statement = { name: 'test.pid', text: 'SELECT pg_backend_pid() AS pid' };
const TERMINATE: Statement = { name: 'test.terminate', text: 'SELECT pg_terminate_backend($1, 1000)' };
const VALUES: Statement = { name: 'test.values', text: 'SELECT value FROM counter ORDER BY id' };

describe('a database', () => {
  let pool: pg.Pool;
  let database: Database;
  let url: string;
  let drop: () => Promise<void>;

  beforeAll(async () => {
    const created = await createTestDatabase();
    drop = () => created.drop();
    url = created.url;
    pool = new pg.Pool({ connectionString: created.url, max: 4, pipeline: true });
    database = new Database(pool);
    await pool.query(
      'CREATE TABLE seen(id int PRIMARY KEY); CREATE TABLE counter(id int PRIMARY KEY, value int NOT NULL)',
    );
    await pool.query('INSERT INTO counter VALUES (1, 0), (2, 0)');
  });

  afterAll(async () => {
    await pool.end();
    await drop();
  });

  const count = async (id: number) => (await database.query<{ count: number }>(COUNT, [id]))[0]?.count;

  it('commits what resolves and then runs the tasks after the commit', async () => {
    let seenAfterCommit: Promise<number | undefined> = Promise.resolve(undefined);
    await database.transaction(async (tx) => {
      tx.afterCommit(() => {
        seenAfterCommit = count(1);
      });
      await tx.query(INSERT, [1]);
    });
    expect(await seenAfterCommit).toBe(1);
  });

  it('says of a statement that fails who asked for it', async () => {
    const askedHere = async () => await database.query({ name: 'test.wrong', text: 'SELECT nothing' });
    const error = await askedHere().catch((caught: Error) => caught);
    expect(error).toHaveProperty('stack', expect.stringContaining('askedHere'));
  });

  /** With node-postgres' own promises each statement leaves more than a kilobyte until all objects are collected (ADR 74). */
  it('leaves nothing of a statement among the old objects', async () => {
    const { url: own, drop: dropOwn } = await createTestDatabase();
    expect(await grownOldBy('transaction', own)).toBeLessThan(1_000);
    await dropOwn();
  });

  it('leaves no trace of what rejects, and runs no task', async () => {
    let ran = false;
    const refused = database.transaction(async (tx) => {
      tx.afterCommit(() => {
        ran = true;
      });
      await tx.query(INSERT, [2]);
      throw new Error('no');
    });
    await expect(refused).rejects.toThrow('no');
    expect(await count(2)).toBe(0);
    expect(ran).toBe(false);
    expect(pool.idleCount).toBe(pool.totalCount);
  });

  it('runs a transaction again whose connection broke before COMMIT', async () => {
    let attempts = 0;
    await database.transaction(async (tx) => {
      const [own] = await tx.query<{ pid: number }>(PID);
      if (++attempts === 1) await database.query(TERMINATE, [own?.pid]);
      await tx.query(INSERT, [3]);
    });
    expect(attempts).toBe(2);
    expect(await count(3)).toBe(1);
  });

  it('commits what nobody waits for with the rest, and in order', async () => {
    await database.transaction(async (tx) => {
      tx.write(INSERT, [10]);
      tx.write(INSERT, [11]);
      expect(await tx.query(COUNT, [10])).toEqual([{ count: 1 }]);
      tx.write(INSERT, [12]);
    });
    expect([await count(10), await count(11), await count(12)]).toEqual([1, 1, 1]);
  });

  it('rejects with the fault of what nobody waits for, at the next answer or at COMMIT, and leaves no trace', async () => {
    const atCommit = database.transaction((tx) => {
      tx.write(INSERT, [13]);
      tx.write(INSERT, [10]);
      tx.write(INSERT, [14]);
      return Promise.resolve();
    });
    await expect(atCommit).rejects.toMatchObject({ code: '23505' });
    const atQuery = database.transaction(async (tx) => {
      tx.write(INSERT, [10]);
      await tx.query(COUNT, [10]);
    });
    await expect(atQuery).rejects.toMatchObject({ code: '23505' });
    expect([await count(13), await count(14)]).toEqual([0, 0]);
    expect(pool.idleCount).toBe(pool.totalCount);
  });

  it('sends nothing of what nobody waits for where the work rejects', async () => {
    const refused = database.transaction((tx) => {
      tx.write(INSERT, [15]);
      return Promise.reject(new Error('no'));
    });
    await expect(refused).rejects.toThrow('no');
    expect(await count(15)).toBe(0);
  });

  it('answers each of those who ask in one turn', async () => {
    await database.transaction(async (tx) => {
      tx.write(INSERT, [20]);
      const answers = await Promise.all([tx.query(COUNT, [20]), tx.query(INSERT, [21]), tx.query(COUNT, [21])]);
      expect(answers).toEqual([[{ count: 1 }], [{ id: 21 }], [{ count: 1 }]]);
    });
    expect(await count(21)).toBe(1);
  });

  it('prepares later what a failure had left out, on the same connection', async () => {
    const own = new pg.Pool({ connectionString: url, max: 1, pipeline: true });
    const narrow = new Database(own);
    const pids: unknown[] = [];
    const failing = narrow.transaction(async (tx) => {
      pids.push(...(await tx.query(PID)));
      await Promise.all([tx.query(INSERT, [20]), tx.query(VALUES)]);
    });
    await expect(failing).rejects.toThrow('duplicate key');
    await narrow.transaction(async (tx) => {
      pids.push(...(await tx.query(PID)));
      expect(await tx.query(VALUES)).toHaveLength(2);
    });
    expect(pids[1]).toEqual(pids[0]);
    await own.end();
  });

  it('sends nothing where one name stands for two statements, and where values cannot be sent', async () => {
    const again: Statement = { name: INSERT.name, text: 'DELETE FROM seen' };
    const circle: Record<string, unknown> = {};
    circle['self'] = circle;
    for (const [statement, value, fault] of [[again, 22, INSERT.name] as const, [COUNT, circle, 'circular'] as const]) {
      const refused = database.transaction(async (tx) => {
        await tx.query(INSERT, [22]);
        await tx.query(statement, [value]);
      });
      await expect(refused).rejects.toThrow(fault);
    }
    expect([await count(20), await count(22)]).toEqual([1, 0]);
    expect(pool.idleCount).toBe(pool.totalCount);
  });

  it('has sent all that was asked for before it gives the connection back', async () => {
    const left = database.transaction((tx) => {
      tx.query(INSERT, [23]).catch(() => undefined);
      return Promise.reject(new Error('changed my mind'));
    });
    await expect(left).rejects.toThrow('changed my mind');
    expect(pool.idleCount).toBe(pool.totalCount);
    expect(await count(23)).toBe(0);
    await database.transaction(async (tx) => void (await tx.query(INSERT, [23])));
  });

  it('does not say that a failed transaction is committed', async () => {
    const swallowed = database.transaction(async (tx) => {
      await tx.query(INSERT, [1]).catch(() => undefined);
    });
    await expect(swallowed).rejects.toMatchObject({ code: '23505' });
  });

  it('runs a transaction again that PostgreSQL ended as the victim of a deadlock', async () => {
    let arrived = 0;
    let open: () => void = () => undefined;
    const bothHoldOne = new Promise<void>((resolve) => (open = resolve));
    let attempts = 0;
    const cross = (first: number, second: number) =>
      database.transaction(async (tx) => {
        attempts++;
        await tx.query(BUMP, [first]);
        if (++arrived === 2) open();
        await bothHoldOne;
        await tx.query(BUMP, [second]);
      });
    await Promise.all([cross(1, 2), cross(2, 1)]);
    expect(attempts).toBeGreaterThanOrEqual(3); // The victim may be quick enough to become one again.
    expect(await database.query(VALUES)).toEqual([{ value: 2 }, { value: 2 }]);
  });

  it('does not let a transaction that stands still keep others from its rows, and runs it again when it goes on', async () => {
    const frozen = new pg.Pool({ ...poolConfigOf(url), max: 1, pipeline: true });
    const signals = new EventEmitter();
    const [holding, awake] = [once(signals, 'holding'), once(signals, 'awake')];
    let attempts = 0;
    try {
      const [before] = await database.query<{ value: number }>(VALUES);
      const interrupted = new Database(frozen).transaction(async (tx) => {
        attempts += 1;
        await tx.query(BUMP, [1]);
        signals.emit('holding');
        // As a process does that gets SIGSTOP here.
        if (attempts === 1) await awake;
        await tx.query(BUMP, [1]);
      });
      await holding;
      await database.transaction((tx) => tx.query(BUMP, [1]));
      signals.emit('awake');
      await interrupted;
      const [after] = await database.query<{ value: number }>(VALUES);
      expect(attempts).toBe(2);
      expect((after?.value ?? 0) - (before?.value ?? 0)).toBe(3);
    } finally {
      await frozen.end();
    }
  });
});
