import { chmodSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type RunningCluster, startCluster, type StartClusterOptions } from '../cluster/start-cluster.js';

/** A cluster for measurements alone, in a folder of its own. `discard` it. */
export async function startScratchCluster(options: Partial<StartClusterOptions> = {}): Promise<RunningCluster> {
  const dataDir = mkdtempSync(join(tmpdir(), 'cashpoint-bench-'));
  // The database may run as another user, who must be able to pass through.
  chmodSync(dataDir, 0o711);
  return startCluster({ dataDir, scratch: true, ...options });
}

/** Addresses of the channels that are on Redis. */
export async function redisOf(cluster: RunningCluster): Promise<string[]> {
  const { channels } = await cluster.status();
  return channels.filter(({ kind }) => kind === 'redis').map(({ url }) => url);
}
