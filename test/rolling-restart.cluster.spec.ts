import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Load } from '../tools/chaos/load/load.js';
import { Bank } from './cluster/bank.js';
import { eventually } from '../tools/eventually.js';

/** Goal: a new version can be rolled out in the middle of the day. Method: every process replaced under load; not one call may fail. */
describe('a rolling restart of every process under load', () => {
  let bank: Bank;
  let load: Load;
  beforeAll(async () => {
    bank = await Bank.open({ accounts: 2 });
    const zero = performance.now();
    load = new Load({ gateways: bank.gateways, seed: 1, atms: 10, clock: () => performance.now() - zero });
  }, 60_000);
  afterAll(async () => {
    await load?.close();
    await bank?.close();
  }, 30_000);

  it('no call fails', async () => {
    const pids = async () => {
      const { gateways, replicas, channels } = await bank.cluster.status();
      return [...gateways, ...replicas, ...channels.filter(({ kind }) => kind === 'redis')].map(({ pid }) => pid);
    };
    const before = await pids();
    load.start();
    await eventually('some calls', () => load.record.length > 100);
    const restarted: string[] = [];
    await bank.cluster.restart(undefined, (name) => restarted.push(name));
    const atTheEnd = load.record.length;
    await eventually('some more calls', () => load.record.length > atTheEnd + 100);
    await load.stop();

    expect(restarted).toHaveLength(before.length);
    expect((await pids()).filter((pid) => pid === null || before.includes(pid))).toEqual([]);
    const failed = load.record.filter(({ outcome, calls }) => outcome !== 'ok' || calls.length > 1);
    expect(failed).toEqual([]);
    const audit = await bank.auditWhenQuiet();
    expect(audit.checks.filter(({ ok }) => !ok)).toEqual([]);
  }, 180_000);
});
