import type { RunningCluster } from '../../cluster/start-cluster.js';

/** How long a replica takes from the start of its process until it is ready for calls, by the name of the replica. */
export interface StartUp {
  readonly name: string;
  readonly milliseconds: number;
}

/** Kills each of the replicas once and starts it again. The cluster stays as it was. */
export async function measureStartUp(cluster: RunningCluster, names: readonly string[]): Promise<StartUp[]> {
  const startUps: StartUp[] = [];
  for (const name of names) {
    await cluster.kill(name);
    const begunAt = performance.now();
    await cluster.start(name);
    startUps.push({ name, milliseconds: performance.now() - begunAt });
  }
  return startUps;
}
