import type { Demo } from './demo.js';
import { accountId, OPENING } from '../atm/demo-customers.js';
import { type DemoBank, money, seconds } from './stage/demo-bank.js';
import { type Crowd, gatherCrowd } from './stage/crowd.js';
import { eventually } from '../eventually.js';
import type { Story } from './story.js';

const PEOPLE = 4;
const OUTAGE_WITHDRAWALS = 40;

/** What the design promises from the first send that fails until another channel has taken something. */
const FAILOVER_SECONDS_MAX = 1;

export const ACTIVE_PASSIVE: Demo = {
  name: 'active-passive',
  title: 'Active/passive · The active channel is killed under load, and returns',
  plot:
    'Messages travel over one Redis, the active channel. When it is down, the other one is used at once, for sending and receiving; the active ' +
    'one is looked at from time to time, and used again when it is back. The passive one is read all the while, in case somebody else is on it.',
  moral:
    'Nobody waits on a dead channel, and what it had swallowed is sent again: the copy in the database is kept until the answer is in.',
  cluster: { gateways: 1, terminals: 2, accounts: 2 },
  needsRedis: true,
  async tell(story, bank) {
    story.chapter(`Both channels are up; ${PEOPLE} people take cash`);
    const crowd = gatherCrowd(bank, PEOPLE);
    try {
      await eventually('ten withdrawals', () => crowd.count >= 10);
      story.expect('channel that is sent on', 'active', await channelInUse(bank));
      await killActive(story, bank, crowd);
      await bringBack(story, bank);
    } finally {
      await crowd.leave();
    }
    await checkBooks(story, bank, crowd);
  },
};

async function killActive(story: Story, bank: DemoBank, crowd: Crowd): Promise<void> {
  story.chapter('redis-active is killed');
  const killedAt = Date.now();
  await bank.cluster.kill('redis-active');
  await untilInUse(bank, 'passive');
  story.expect('channel that is sent on', 'passive', await channelInUse(bank));
  story.note(`all replicas had turned away ${seconds(Date.now() - killedAt)} after it was killed`);
  const slowest = Math.max(...(await bank.metrics('atm-terminal', 'channel_failover_seconds_sum')));
  story.expectThat(
    'first failed send until the next channel',
    `under ${FAILOVER_SECONDS_MAX} s`,
    `${slowest.toFixed(3)} s`,
    slowest < FAILOVER_SECONDS_MAX,
  );
  const before = crowd.count;
  await eventually('more withdrawals', () => crowd.count >= before + OUTAGE_WITHDRAWALS);
  story.expect('calls that failed', '0', String(crowd.failures.length));
  story.note(`${crowd.count - before} withdrawals since then; of all, ${await settledIn(bank)} are settled already`);
}

async function bringBack(story: Story, bank: DemoBank): Promise<void> {
  story.chapter('redis-active is started again');
  await bank.cluster.start('redis-active');
  const backAt = Date.now();
  await untilInUse(bank, 'active');
  story.expect('channel that is sent on', 'active', await channelInUse(bank));
  story.note(`all replicas had returned ${seconds(Date.now() - backAt)} after it was there`);
  const returns = await bank.metric('atm-terminal', 'channel_failovers_total{kind="failback"');
  story.expectThat('returns that were counted', 'at least 1', String(returns), returns >= 1);
}

async function checkBooks(story: Story, bank: DemoBank, crowd: Crowd): Promise<void> {
  story.chapter('The people go home; the books');
  const audit = await bank.auditWhenQuiet();
  const numbers = Array.from({ length: PEOPLE }, (_, index) => index + 1);
  const ledgers = await Promise.all(numbers.map((number) => bank.operator.account(accountId(number))));
  const charged = ledgers.reduce((sum, { ledger }) => sum + OPENING - ledger, 0);
  story.expect('calls that failed', '0', crowd.failures.length === 0 ? '0' : crowd.failures.join('; '));
  story.expect('charged for all notes given, once', money(crowd.taken), money(charged));
  const [resent, repeats] = [
    await bank.metric('atm-terminal', 'messages_resent_total'),
    await bank.metric('account', 'inbox_duplicates_total'),
  ];
  story.note(
    `${crowd.count} withdrawals; ${resent} messages were sent again, ${repeats} of them recognised as repeats`,
  );
  story.expect('independent audit', 'balanced', audit.balanced ? 'balanced' : 'not balanced');
}

/** The one channel that every replica sends on, or in words how they differ. */
async function channelInUse(bank: DemoBank): Promise<string> {
  const { channels, replicas } = await bank.operator.cluster();
  const users = channels.map(({ name, load }) => ({ name, inUse: Number(load['inUse']) }));
  const all = users.find(({ inUse }) => inUse === replicas.length);
  return all?.name ?? users.map(({ name, inUse }) => `${name} by ${inUse}`).join(', ');
}

async function untilInUse(bank: DemoBank, name: string): Promise<void> {
  await eventually(`all replicas send on the ${name} channel`, async () => (await channelInUse(bank)) === name);
}

async function settledIn(bank: DemoBank): Promise<string> {
  const text = `SELECT count(*) FILTER (WHERE state = 'settled')::integer AS settled, count(*)::integer AS all FROM withdrawal`;
  const [row] = await bank.rows<{ settled: number; all: number }>('terminal', text);
  return `${row?.settled ?? 0} of ${row?.all ?? 0}`;
}
