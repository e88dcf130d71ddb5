import { afterEach, describe, expect, it } from '@jest/globals';
import { Queue } from 'bullmq';
import { randomUUIDv7 } from 'node:crypto';
import { accountId } from '../tools/atm/demo-customers.js';
import { availableChannels } from '../tools/cluster/channels.js';
import { Bank } from './cluster/bank.js';
import { eventually } from '../tools/eventually.js';

const withRedis = availableChannels() === 'redis' ? describe : describe.skip;

const PER_BUNDLE = 10;

/** Balance requests as a terminal sends them, whose answers nobody waits for. */
function bundle(): { name: string; data: object } {
  const envelopes = Array.from({ length: PER_BUNDLE }, (_, index) => {
    const messageId = randomUUIDv7();
    return {
      messageId,
      dialogId: messageId,
      sequence: 1,
      grade: 'express',
      type: 'balance-request',
      version: 1,
      fromService: 'atm',
      fromBroker: 'terminal',
      toService: 'account',
      toBroker: 'account-a',
      replyTo: 'terminal.nobody',
      sentAt: new Date().toISOString(),
      body: { accountId: accountId(index + 1) },
    };
  });
  return { name: 'bundle', data: { envelopes } };
}

/**
 * Goal: readers, and whole replicas, come with the work and go with it, as the operator's view shows. Method: ten thousand
 * messages put on the idle queue of the account service at once.
 */
withRedis('activation', () => {
  let bank: Bank | undefined;
  let queue: Queue | undefined;
  afterEach(async () => {
    await queue?.close();
    await bank?.close();
  }, 30_000);

  async function open(options: Parameters<typeof Bank.open>[0]): Promise<{ bank: Bank; queue: Queue }> {
    bank = await Bank.open(options);
    const { channels } = await bank.cluster.status();
    const url = channels.find(({ role }) => role === 'active')?.url ?? '';
    queue = new Queue('account.account-a', { connection: { url }, prefix: 'messaging' });
    return { bank, queue };
  }

  /** What the replicas of the account service say of themselves. */
  async function loads(of: Bank): Promise<Record<string, number>[]> {
    const { replicas } = await of.members();
    return replicas.filter(({ role, state }) => role === 'account' && state === 'up').map(({ load }) => load);
  }

  const burst = (messages: number) =>
    queue?.addBulk(
      Array.from({ length: messages / PER_BUNDLE }, () => ({
        ...bundle(),
        opts: { removeOnComplete: true, removeOnFail: true },
      })),
    );

  const total = (of: readonly Record<string, number>[], name: string) =>
    of.reduce((sum, load) => sum + (load[name] ?? 0), 0);

  it('ten thousand messages: readers rise, drain the queue and go back to zero', async () => {
    const { bank: busy, queue: work } = await open({ terminals: 1, gateways: 1, accounts: 2 });
    await eventually('nobody reads', async () => total(await loads(busy), 'readers') === 0);
    const seen: { readers: number; backlog: number }[] = [];
    await burst(10_000);
    await eventually('the queue is empty', async () => {
      const now = await loads(busy);
      seen.push({ readers: total(now, 'readers'), backlog: Math.max(...now.map(({ backlog }) => backlog ?? 0)) });
      return (await work.getJobCountByTypes('wait', 'active')) === 0;
    });
    expect(Math.max(...seen.map(({ readers }) => readers))).toBeGreaterThanOrEqual(4);
    expect(Math.max(...seen.map(({ backlog }) => backlog))).toBeGreaterThan(100);
    await eventually('nobody reads any more', async () => total(await loads(busy), 'readers') === 0);
    expect(total(await loads(busy), 'backlog')).toBe(0);
  }, 90_000);

  it('a backlog that lasts: replicas are added, and drained and removed when it is gone', async () => {
    const { bank: busy, queue: work } = await open({ terminals: 1, gateways: 1, accounts: 1, autoscaleMax: 3 });
    let peak = 1;
    await eventually(
      'more than one replica of account',
      async () => {
        if ((await work.getJobCountByTypes('wait')) < 1_000) await burst(10_000);
        peak = Math.max(peak, (await loads(busy)).length);
        return peak > 1;
      },
      45_000,
    );
    await eventually('the queue is empty', async () => (await work.getJobCountByTypes('wait')) === 0, 45_000);
    await eventually('one replica again', async () => (await loads(busy)).length === 1, 90_000);
    expect((await busy.audit()).balanced).toBe(true);
  }, 240_000);
});
