import { execFile } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { CHECKOUT } from '../tools/checkout.js';
import { DataFolder } from '../tools/cluster/data-folder.js';
import type { ClusterRecord } from '../tools/cluster/cluster-record.js';
import type { ClusterStatus, MemberStatus } from '../tools/cluster/status.js';
import { freePort } from '../tools/servers/free-port.js';
import { eventually } from '../tools/eventually.js';

interface Said {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Goal: the commands do what the help says, as a user types them. Method: the real script, one cluster, one test after another. */
describe('the command line', () => {
  let folder: string;
  let port: number;

  // `--data` is relative to where the user stands, which is not the checkout.
  const run = (data: string, args: readonly string[]): Promise<Said> =>
    new Promise((resolve) => {
      execFile(join(CHECKOUT, 'cashpoint'), [...args, '--data', data], { cwd: folder }, (error, out, err) => {
        resolve({ code: error === null ? 0 : Number(error.code ?? 1), out, err });
      });
    });
  const cashpoint = (...args: string[]) => run('bank', args);
  const status = async () => JSON.parse((await cashpoint('status', '--json')).out) as ClusterStatus;
  const member = async (name: string): Promise<MemberStatus | undefined> =>
    Object.values(await status())
      .flat()
      .find((found) => found.name === name);
  const up = () => cashpoint('up', '--detach', '--port', String(port), '--accounts', '2');

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'cashpoint-test-'));
    chmodSync(folder, 0o711);
    port = await freePort();
    expect(await up()).toMatchObject({ code: 0, err: '' });
  }, 120_000);

  afterAll(async () => {
    await cashpoint('down');
    new DataFolder(join(folder, 'bank')).remove();
    new DataFolder(folder).remove();
  }, 60_000);

  it('tells what runs, in exactly the documented form', async () => {
    const { gateways, replicas, channels, databases, ...rest } = await status();
    expect(rest).toEqual({});
    expect(gateways[0]).toEqual({
      name: 'gateway-1',
      kind: 'gateway',
      url: `http://127.0.0.1:${port}`,
      pid: expect.any(Number),
      state: 'up',
      role: 'active',
    });
    expect(replicas.map(({ name }) => name)).toEqual([
      'account-a-1',
      'account-a-2',
      'atm-terminal-1',
      'atm-terminal-2',
    ]);
    expect(channels.map(({ role }) => role)).toEqual(['active', 'passive']);
    expect(databases.map(({ name }) => name)).toEqual(['postgres']);
  });

  it('takes cash and tells each step', async () => {
    const { code, out } = await cashpoint('withdraw', '200');
    expect({ code, out }).toMatchObject({ code: 0 });
    expect(out).toMatch(/balance before .*gateway-\d → atm-terminal-\d .* ms +1,000,000\.00/);
    expect(out).toContain('settled');
    expect(out).toContain('The account has 200.00 less, the customer has');
  }, 60_000);

  it('says in words why no cash comes out', async () => {
    expect(await cashpoint('withdraw', '60', '--card', '4000001000000099')).toMatchObject({
      code: 1,
      out: expect.stringContaining('The balance is too low. No cash was given'),
    });
    expect(await cashpoint('withdraw', '20', '--pin', '9999', '--card', '4000001000000007')).toMatchObject({
      code: 1,
      err: expect.stringContaining('Tries left: 2'),
    });
    expect(await cashpoint('withdraw', '1e3')).toMatchObject({ code: 1, err: expect.stringContaining('an amount') });
  }, 60_000);

  it('keeps down what it kills, and goes on without it', async () => {
    expect((await cashpoint('kill', 'atm-terminal-1')).code).toBe(0);
    expect(await member('atm-terminal-1')).toMatchObject({ state: 'down', pid: null });
    expect((await cashpoint('withdraw', '50')).out).not.toContain('atm-terminal-1');
    expect((await cashpoint('start', 'atm-terminal-1')).code).toBe(0);
    expect(await member('atm-terminal-1')).toMatchObject({ state: 'up' });
  }, 60_000);

  it('starts again what dies by itself', async () => {
    const before = await member('account-a-1');
    process.kill(before?.pid ?? 0, 'SIGKILL');
    await eventually('another process', async () => {
      const now = await member('account-a-1');
      return now?.state === 'up' && now.pid !== before?.pid && now.url === before?.url;
    });
  }, 60_000);

  it('changes how many replicas there are', async () => {
    expect((await cashpoint('scale', 'account=3')).code).toBe(0);
    expect(await member('account-a-3')).toMatchObject({ state: 'up' });
    expect((await cashpoint('scale', 'account=2')).code).toBe(0);
    expect(await member('account-a-3')).toBeUndefined();
  }, 60_000);

  it('refuses what it cannot do, with what there is', async () => {
    expect((await cashpoint('kill', 'account-b-1')).err).toContain('there is no account-b-1; there are postgres');
    expect((await cashpoint('scale', 'account=0')).err).toContain('accounts must be a whole number from 1 to');
    expect(await up()).toMatchObject({ code: 1, err: expect.stringContaining('a cluster already runs') });
    expect((await run('other', ['up', '--detach', '--port', String(port)])).err).toContain(`port ${port} is in use`);
  }, 60_000);

  it('finds and stops everything after its supervisor was killed', async () => {
    const record = readFileSync(join(folder, 'bank', 'cluster.json'), 'utf8');
    const { supervisor } = JSON.parse(record) as ClusterRecord;
    process.kill(supervisor.pid, 'SIGKILL');
    expect((await cashpoint('withdraw', '20')).code).toBe(0);
    expect((await cashpoint('status')).out).toContain('The supervisor is gone');
    expect((await cashpoint('down')).out).toContain('stopped what was left: gateway-1');
    expect(Object.values(await status()).flat()).toEqual([]);
  }, 60_000);

  it('comes back with the same money', async () => {
    expect((await up()).code).toBe(0);
    expect((await cashpoint('withdraw', '10')).out).toMatch(/balance before .* 999,[67]\d\d\.00/);
  }, 120_000);
});
