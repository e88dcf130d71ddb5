import { parseArgs } from 'node:util';
import type { RetentionPolicy } from '#messaging';
import { startThrowawayServers } from '../../servers/throwaway-servers.js';
import { Pair } from './pair.js';

/** How long a copy may be on a channel where forgetting is on; the inbox forgets this and a second later. */
const FORGETFUL = { channelLifetimeMs: 3_000, clockSkewMsMax: 1_000 };

/** Longer than any run: nothing is forgotten. */
const REMEMBERING = { channelLifetimeMs: 86_400_000, clockSkewMsMax: 1_000 };

const PER_TRANSACTION = 50;
const LANES = 4;

/** Most messages on their way at once: more would only wait in a queue. */
const WINDOW = 2_000;

const DEADLINE_MS = 600_000;

const say = (text: string) => process.stdout.write(`${text}\n`);

async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + DEADLINE_MS;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`waited in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** Sends so many and waits for their answers; messages per second, from the first commit to the last answer. */
async function round(pair: Pair, count: number): Promise<number> {
  const before = pair.answered;
  const startedAt = performance.now();
  let sent = 0;
  const lane = async () => {
    while (sent < count) {
      const batch = Math.min(PER_TRANSACTION, count - sent);
      sent += batch;
      await until('the window', () => sent - (pair.answered - before) <= WINDOW + LANES * PER_TRANSACTION);
      await pair.send(batch);
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  await until('all answers', () => pair.answered - before >= count);
  return Math.round((count * 1_000) / (performance.now() - startedAt));
}

/** As many rounds on each pair, in turn, so that what else the machine does hits both. */
async function soak(forgetful: Pair, remembering: Pair, messages: number, rounds: number): Promise<void> {
  for (const pair of [forgetful, remembering]) await round(pair, 2_000);
  await until('the warm-up is forgotten', async () => (await forgetful.remembered()).rows === 0);
  const count = Math.floor(messages / rounds);
  const rates: { readonly on: number; readonly off: number }[] = [];
  for (let number = 1; number <= rounds; number++) {
    const before = await forgetful.forgotten();
    const on = await round(forgetful, count);
    const forgotten = (await forgetful.forgotten()) - before;
    await until('the round is forgotten', async () => (await forgetful.remembered()).rows === 0);
    const off = await round(remembering, count);
    rates.push({ on, off });
    say(`round ${number}: ${count} messages; ${on}/s forgetting (${forgotten} meanwhile), ${off}/s remembering`);
  }
  const mean = (of: 'on' | 'off') => Math.round(rates.reduce((sum, rate) => sum + rate[of], 0) / rounds);
  say(`mean: ${mean('on')}/s forgetting, ${mean('off')}/s remembering, ratio ${(mean('on') / mean('off')).toFixed(2)}`);
  for (const [name, pair] of Object.entries({ forgetting: forgetful, remembering })) {
    const [inbox, queue] = [await pair.remembered(), await pair.unanswered()];
    say(
      `${name}: ${await pair.applied()} applied; inbox ${inbox.rows} rows, ${inbox.megabytes} MB; ` +
        `transmission queue ${queue.rows} rows, ${queue.megabytes} MB`,
    );
  }
  const isClean = (await forgetful.remembered()).rows === 0 && (await forgetful.unanswered()).rows === 0;
  const isWhole = (await forgetful.applied()) === rounds * count + 2_000;
  if (!isClean || !isWhole) throw new Error('something is left over or lost');
}

const { values } = parseArgs({
  options: { messages: { type: 'string', default: '200000' }, rounds: { type: 'string', default: '2' } },
});
const servers = await startThrowawayServers('messaging-soak', ['source_1', 'target_1', 'source_2', 'target_2']);
try {
  const open = (name: string, number: number, retention: RetentionPolicy) =>
    Pair.open({
      name,
      sourceUrl: servers.databaseUrl(`source_${number}`),
      targetUrl: servers.databaseUrl(`target_${number}`),
      channels: servers.channels,
      retention,
    });
  const forgetful = await open('forgetful', 1, FORGETFUL);
  const remembering = await open('remembering', 2, REMEMBERING);
  try {
    await soak(forgetful, remembering, Number(values.messages), Number(values.rounds));
  } finally {
    await Promise.all([forgetful.close(), remembering.close()]);
  }
} finally {
  await servers.stop();
}
