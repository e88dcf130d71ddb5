import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { CHECKOUT } from '../checkout.js';
import { lastLines } from '../processes/log-file.js';
import { Refusal } from '../refusal.js';
import type { StartStep } from './cluster.js';
import { DataFolder } from './data-folder.js';
import type { SuperviseOptions } from './supervise.js';

/** What the supervisor's process tells the one that started it. */
export type StartMessage =
  { readonly step: StartStep } | { readonly ready: readonly string[] } | { readonly refused: string };

/**
 * Lets a process of its own supervise the cluster; it outlives this one and its terminal. Resolves with the gateways' addresses
 * when the cluster is ready.
 */
export async function superviseDetached(
  options: SuperviseOptions,
  report: (step: StartStep) => void,
  abort: AbortSignal,
): Promise<readonly string[]> {
  const folder = new DataFolder(options.dataDir);
  folder.create();
  const logFile = folder.log('supervisor');
  const log = openSync(logFile, 'a', 0o600);
  const main = join(CHECKOUT, 'dist', 'tools', 'cluster', 'detached-supervisor.js');
  const child = spawn(process.execPath, ['--enable-source-maps', main, JSON.stringify(options)], {
    cwd: CHECKOUT,
    detached: true,
    stdio: ['ignore', log, log, 'ipc'],
  });
  closeSync(log);
  abort.addEventListener('abort', () => child.kill('SIGTERM'));
  try {
    return await new Promise((resolve, reject) => {
      child.on('message', (message: StartMessage) => {
        if ('step' in message) report(message.step);
        else if ('ready' in message) resolve(message.ready);
        else reject(new Refusal(message.refused));
      });
      child.once('error', reject);
      child.once('exit', () => reject(new Refusal(`the supervisor ended while it started:\n${lastLines(logFile)}`)));
    });
  } finally {
    if (child.connected) child.disconnect();
    child.unref();
  }
}
