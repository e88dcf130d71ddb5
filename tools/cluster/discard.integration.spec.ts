import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { CHECKOUT } from '../checkout.js';
import { identify, isRunning, type ProcessIdentity } from '../processes/identity.js';
import { startProcess } from '../processes/server-process.js';

/**
 * Goal: a benchmark that is killed leaves nothing behind. Method: a real process holds a folder and a server on the leash, and gets the signal;
 * the server and the folder must go.
 */
describe('what a scratch cluster leaves when its process is killed', () => {
  let folder: string;
  let server: ProcessIdentity;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'cashpoint-discard-'));
    writeFileSync(join(folder, 'topology'), 'single');
    const started = await startProcess({
      ...{ command: 'sleep', args: ['60'], cwd: tmpdir(), environment: process.env },
      logFile: join(folder, 'log'),
    });
    server = identify(started.pid) as ProcessIdentity;
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it.each(['SIGINT', 'SIGTERM', 'SIGKILL'] as const)(
    'is gone after %s',
    async (signal) => {
      const holder = spawn(process.execPath, ['--input-type=module', '-e', HOLDER, folder, JSON.stringify([server])], {
        cwd: CHECKOUT,
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      await once(holder.stdout, 'data');
      expect(isRunning(server)).toBe(true);
      holder.kill(signal);
      await until(() => !isRunning(server) && !existsSync(folder));
    },
    60_000,
  );
});

const HOLDER = `
  const { DataFolder } = await import('./dist/tools/cluster/data-folder.js');
  const { discardWhenThisProcessEnds } = await import('./dist/tools/cluster/leash.js');
  discardWhenThisProcessEnds(new DataFolder(process.argv[1]), JSON.parse(process.argv[2]));
  setInterval(() => undefined, 1_000);
  console.log('held');
`;

async function until(condition: () => boolean): Promise<void> {
  const deadline = Date.now() + 30_000;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error('the server or its folder is still there');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
