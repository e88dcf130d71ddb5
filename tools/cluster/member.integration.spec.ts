import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { isRunning } from '../processes/identity.js';
import { startProcess } from '../processes/server-process.js';
import { Member, type MemberPlan } from './member.js';

/** Goal: what should run runs, and what should not does not. Method: real processes (`sleep`, or a shell that fails). */
describe('a member of the cluster', () => {
  let folder: string;
  let member: Member;

  const plan = (script: string, probe: MemberPlan['probe'] = () => Promise.resolve()): MemberPlan => ({
    section: 'replicas',
    name: 'account-a-1',
    kind: 'account',
    role: 'active',
    url: 'http://127.0.0.1:1',
    logFile: join(folder, 'log'),
    stopSignal: 'SIGTERM',
    launch: () =>
      startProcess({
        command: '/bin/sh',
        args: ['-c', script],
        cwd: folder,
        environment: process.env,
        logFile: join(folder, 'log'),
      }),
    probe,
  });

  const until = async (condition: () => boolean): Promise<void> => {
    const deadline = Date.now() + 5_000;
    while (!condition()) {
      if (Date.now() > deadline) throw new Error(`not in time; the member is ${JSON.stringify(member.record)}`);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  };

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'cashpoint-member-'));
  });

  afterEach(async () => {
    await member.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  });

  it('is started again when it dies by itself', async () => {
    member = new Member(plan('exec sleep 60'), () => undefined);
    await member.start();
    const first = member.record.process;
    process.kill(first?.pid ?? 0, 'SIGKILL');
    await until(() => member.record.state === 'up' && member.record.process?.pid !== first?.pid);
  });

  it('stays down after it was killed, until it is started', async () => {
    member = new Member(plan('exec sleep 60'), () => undefined);
    await member.start();
    const killed = member.record.process;
    await member.kill('SIGKILL');
    expect(killed !== null && isRunning(killed)).toBe(false);
    expect(member.record).toMatchObject({ state: 'down', process: null });
    await member.start();
    expect(member.record.state).toBe('up');
  });

  it('is frozen and woken without being started again', async () => {
    member = new Member(plan('exec sleep 60'), () => undefined);
    await member.start();
    const before = member.record.process;
    await member.kill('SIGSTOP');
    await member.kill('SIGCONT');
    expect(member.record.process).toEqual(before);
  });

  it('stops although it is frozen', async () => {
    member = new Member(plan('exec sleep 60'), () => undefined);
    await member.start();
    await member.kill('SIGSTOP');
    await member.stop();
    expect(member.record.state).toBe('down');
  });

  it('is said to crash, with its last error, when it cannot start', async () => {
    const broken = `echo '{"level":60,"msg":"cannot start","err":{"message":"no database"}}'; exit 1`;
    member = new Member(
      plan(broken, () => Promise.reject(new Error('not ready'))),
      () => undefined,
    );
    await expect(member.start()).rejects.toThrow('account-a-1 does not start');
    expect(member.record).toMatchObject({ state: 'crashing', lastError: 'cannot start: no database' });
  });

  it('gives up starting when it is stopped meanwhile', async () => {
    member = new Member(
      plan('exec sleep 60', () => Promise.reject(new Error('not ready'))),
      () => undefined,
    );
    const started = member.start();
    await until(() => member.record.process !== null);
    await Promise.all([expect(started).rejects.toThrow('was stopped while it started'), member.stop()]);
    expect(member.record.state).toBe('down');
  });
});
