import pg from 'pg';
import { Database, type Statement } from '../../libs/database/src/database.js';
import { RedisChannel } from '../../libs/messaging/src/bullmq/redis-channel.js';
import { bytesGrownOld } from './measure.js';

/** `work transaction|command URL`: says how many bytes one of them leaves among the old objects. */
const CALLS = 500;
const COUNT: Statement = { name: 'test.count', text: 'SELECT count(*) FROM counter WHERE id = $1' };
const BUMP: Statement = { name: 'test.bump', text: 'UPDATE counter SET value = value + 1 WHERE id = $1' };

async function ofTransaction(url: string): Promise<number> {
  const pool = new pg.Pool({ connectionString: url, max: 4, pipeline: true });
  const database = new Database(pool);
  await pool.query('CREATE TABLE counter(id int PRIMARY KEY, value int NOT NULL)');
  const bytes = await bytesGrownOld(
    () =>
      database.transaction(async (tx) => {
        tx.write(BUMP, [0]);
        await tx.query(COUNT, [0]);
      }),
    CALLS,
  );
  await pool.end();
  return bytes;
}

async function ofCommand(url: string): Promise<number> {
  const channel = new RedisChannel('only', url);
  const bytes = await bytesGrownOld(() => channel.add('to.nobody', [{ envelopes: [] }]), CALLS);
  await channel.close();
  return bytes;
}

const [kind, url = ''] = process.argv.slice(2);
process.stdout.write(String(await (kind === 'transaction' ? ofTransaction(url) : ofCommand(url))));
