import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { CHECKOUT } from '../checkout.js';
import { startProcess } from '../processes/server-process.js';
import { within } from '../within.js';
import type { MemberPlan } from './member.js';
import { type Group, replicaName } from './topology.js';

/** Node keeps compiled code here, which halves the time that a replica needs to start. */
const COMPILE_CACHE = join(CHECKOUT, 'node_modules', '.cache', 'node-compile');

/** Without the second one replicas collect garbage when load falls, all at once (docs/adr/0082). */
const NODE_OPTIONS = ['--enable-source-maps', '--no-memory-reducer'];

const PROBE_MS_MAX = 2_000;

/**
 * One process of an app; `environment` has what the app is configured with beside its name and port, `build` is the folder above the
 * `dist` that it runs from.
 */
export function replicaPlan(
  group: Group,
  number: number,
  port: number,
  logFile: string,
  environment: Readonly<Record<string, string>>,
  build: string,
): MemberPlan {
  const name = replicaName(group, number);
  const url = `http://127.0.0.1:${port}`;
  return {
    section: group.app === 'gateway' ? 'gateways' : 'replicas',
    name,
    kind: group.app,
    // All replicas work; none waits for another one to fail.
    role: 'active',
    url,
    logFile,
    stopSignal: 'SIGTERM',
    launch: () => {
      mkdirSync(COMPILE_CACHE, { recursive: true });
      return startProcess({
        command: process.execPath,
        args: [...NODE_OPTIONS, join(build, 'dist', 'apps', group.app, 'src', 'main.js')],
        cwd: CHECKOUT,
        environment: {
          PATH: process.env['PATH'],
          NODE_COMPILE_CACHE: COMPILE_CACHE,
          LOG_LEVEL: process.env['LOG_LEVEL'],
          ...environment,
          REPLICA_NAME: name,
          HOST: '127.0.0.1',
          PORT: String(port),
        },
        logFile,
      });
    },
    probe: () => probeReady(url),
  };
}

/** Resolves where the replica says that it can do its work. */
export function probeReady(url: string): Promise<void> {
  // Whatever comes of the signal: nobody waits longer.
  return within(`${url} is ready`, PROBE_MS_MAX, askReady(url));
}

async function askReady(url: string): Promise<void> {
  const answer = await fetch(`${url}/health/ready`, { signal: AbortSignal.timeout(PROBE_MS_MAX) });
  await answer.arrayBuffer();
  if (!answer.ok) throw new Error(`/health/ready answers ${answer.status}`);
}
