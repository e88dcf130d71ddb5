import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it } from '@jest/globals';
import { endProcess, identify, isRunning, type ProcessIdentity, signalProcess } from './identity.js';

describe('the identity of a process', () => {
  it('is not fooled by a number that was given again', () => {
    const now = identify(process.pid) as ProcessIdentity;
    expect(isRunning(now)).toBe(true);
    const earlier = { pid: process.pid, startedAt: 'another boot:1' };
    expect(isRunning(earlier)).toBe(false);
    expect(signalProcess(earlier, 'SIGKILL')).toBe(false);
  });

  it('ends a frozen process that would not hear otherwise', async () => {
    const child = spawn('sleep', ['60']);
    await once(child, 'spawn');
    const identity = identify(child.pid as number) as ProcessIdentity;
    child.kill('SIGSTOP');
    await endProcess(identity, 'SIGTERM', 5_000);
    expect(isRunning(identity)).toBe(false);
  });
});
