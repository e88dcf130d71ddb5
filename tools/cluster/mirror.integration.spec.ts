import { chmodSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { Database, poolConfigOf } from '#database';
import { eventually } from '../eventually.js';
import { endPool } from '../servers/end-pool.js';
import { freePort } from '../servers/free-port.js';
import { connectOnce, postgresUrl } from '../servers/postgres-server.js';
import { DataFolder } from './data-folder.js';
import type { Databases } from './database.js';
import { Member, type MemberPlan } from './member.js';
import { missingMirrorPrograms, mirroredServers } from './mirror.js';

const LEADER_KEY = Buffer.from('/service/cashpoint/leader').toString('base64');
const LONG_MS = 60_000;

const withMirror = missingMirrorPrograms().length === 0 ? describe : describe.skip;

withMirror('a mirrored database', () => {
  let folder: DataFolder;
  let databases: Databases;
  let members: Member[] = [];
  let pool: pg.Pool;
  let database: Database;

  beforeAll(async () => {
    const path = mkdtempSync(join(tmpdir(), 'cashpoint-mirror-'));
    chmodSync(path, 0o711);
    folder = new DataFolder(path);
    folder.create();
    await start();
    await eventually('a table', () =>
      pool.query('CREATE TABLE IF NOT EXISTS kept(id int)').then(
        () => true,
        () => false,
      ),
    );
  }, 120_000);

  afterAll(async () => {
    await stop(() => 'SIGKILL');
    folder.remove();
  }, 60_000);

  async function start(): Promise<void> {
    databases = await mirroredServers(folder, () => freePort());
    for (const step of databases.steps) {
      const started = step.map((plan) => new Member(plan, () => undefined));
      members = [...members, ...started];
      await Promise.all(started.map((member) => member.start()));
    }
    await databases.ready();
    pool = new pg.Pool({ ...poolConfigOf(databases.url('postgres')), max: 2, pipeline: true });
    database = new Database(pool);
  }

  async function stop(signalFor: (plan: MemberPlan) => NodeJS.Signals): Promise<void> {
    if (pool) await endPool(pool);
    for (const kind of ['postgres', 'etcd']) {
      const stopping = members.filter(({ plan }) => plan.kind === kind);
      await Promise.all(stopping.map((member) => member.kill(signalFor(member.plan))));
    }
    members = [];
  }

  const keptRows = async (): Promise<number[]> =>
    (await pool.query<{ id: number }>('SELECT DISTINCT id FROM kept ORDER BY id')).rows.map(({ id }) => id);

  const roleOf = (member: Member) => {
    const port = Number(new URL(member.plan.url).port);
    return connectOnce(postgresUrl({ passwordFile: folder.postgresPassword, port })('postgres')).catch(() => 'unknown');
  };

  async function untilRole(member: Member, role: string): Promise<void> {
    await eventually(`${member.plan.name} is ${role}`, async () => (await roleOf(member)) === role, LONG_MS);
  }

  const insert = (id: number) =>
    eventually(
      `row ${id} is acknowledged`,
      () =>
        database
          .transaction((tx) => tx.query({ name: 'mirror.insert', text: 'INSERT INTO kept(id) VALUES ($1)' }, [id]))
          .then(
            () => true,
            () => false,
          ),
      LONG_MS,
    );

  async function hasLeader(): Promise<boolean> {
    const etcd = members.find(({ plan }) => plan.kind === 'etcd');
    const answer = await fetch(`${etcd?.plan.url}/v3/kv/range`, {
      method: 'POST',
      body: JSON.stringify({ key: LEADER_KEY }),
    });
    return ((await answer.json()) as { kvs?: unknown[] }).kvs !== undefined;
  }

  /**
   * Goal: a primary that was frozen and replaced never takes the lease back, not even when nobody holds it, since its successor's acknowledged
   * writes would be rewound. Method: SIGSTOP of the whole server, then of the successor's Patroni alone until its lease is gone.
   */
  it('keeps what the successor acknowledged when the former primary wakes up and the lease is free', async () => {
    const servers = members.filter(({ plan }) => plan.kind === 'postgres');
    const isPrimary = await Promise.all(servers.map(async (member) => (await roleOf(member)) === 'primary'));
    const former = servers[isPrimary.indexOf(true)] as Member;
    const successor = servers[isPrimary.indexOf(false)] as Member;
    await insert(1);
    await former.kill('SIGSTOP');
    await insert(2);
    expect(await roleOf(successor)).toBe('primary');

    const patroni = successor.record.process?.pid ?? 0;
    process.kill(patroni, 'SIGSTOP');
    try {
      await eventually('the lease is free', async () => !(await hasLeader()), LONG_MS);
      await former.kill('SIGCONT');
      await untilRole(former, 'standby');
    } finally {
      process.kill(patroni, 'SIGCONT');
    }
    await databases.ready();
    expect(await roleOf(successor)).toBe('primary');
    await insert(3);
    expect(await keptRows()).toEqual([1, 2, 3]);
  }, 180_000);

  /** Goal: a bank that was stopped is there again. Method: all members in order down, then up again in their folder, at other ports. */
  it('starts again with what it had, wherever its ports are then', async () => {
    await insert(4);
    const before = await keptRows();
    await stop(({ stopSignal }) => stopSignal);
    await start();
    expect(await keptRows()).toEqual(before);
    expect(before).toContain(4);
    await insert(5);
  }, 180_000);
});
