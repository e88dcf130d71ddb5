import pg from 'pg';
import { poolConfigOf } from '#database';
import { eventually } from '../../eventually.js';
import type { Target } from '../target/target.js';

/** For a server that was killed to come back and catch up, milliseconds. */
const MIRRORED_MS_MAX = 90_000;

const ANSWER_MS_MAX = 5_000;

/** From PostgreSQL's word to that of Patroni, by which the standby may take over: some rounds of its loop, milliseconds. */
const AGREED_MS = 4_000;

/** Resolves when the primary's standby may take over. Killed before, the primary is waited for, since nobody else has all that was acknowledged. */
export async function untilMirrored(target: Target): Promise<void> {
  const { terminal } = await target.databases();
  const pool = new pg.Pool({ ...poolConfigOf(terminal.url), max: 1, query_timeout: ANSWER_MS_MAX });
  pool.on('error', () => undefined);
  const isMirrored = async () => {
    const text = `SELECT current_setting('synchronous_standby_names') <> '' AS mirrored`;
    return (await pool.query<{ mirrored: boolean }>(text)).rows[0]?.mirrored;
  };
  try {
    await eventually('a standby has caught up', () => isMirrored().catch(() => false), MIRRORED_MS_MAX);
  } finally {
    await pool.end();
  }
  await new Promise((resolve) => setTimeout(resolve, AGREED_MS));
}
