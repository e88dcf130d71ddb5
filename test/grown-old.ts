import { GCProfiler, getHeapSpaceStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as (options: { readonly type: 'minor' }) => void;

/** Collected twice: what survives that is among the old objects. */
function collectYoung(): void {
  collect({ type: 'minor' });
  collect({ type: 'minor' });
}

function oldBytes(): number {
  collectYoung();
  const spaces = getHeapSpaceStatistics().filter(({ space_name }) => space_name === 'old_space');
  return spaces.reduce((sum, { space_used_size }) => sum + space_used_size, 0);
}

const MEASUREMENTS_MAX = 10;

/**
 * Bytes that one call of `work` leaves behind and no collection of young objects frees, after the calls that load and compile what it needs
 * ([ADR 74](../docs/adr/0074-closures-that-are-born-old.md)). Measured again where all objects were collected meanwhile, which would hide them.
 */
export async function bytesGrownOld(work: () => Promise<unknown>, calls: number): Promise<number> {
  const callAll = async () => {
    for (let call = 0; call < calls; call++) await work();
  };
  await callAll();
  for (let measurement = 0; measurement < MEASUREMENTS_MAX; measurement++) {
    const profiler = new GCProfiler();
    profiler.start();
    const before = oldBytes();
    await callAll();
    const grown = oldBytes() - before;
    if (profiler.stop().statistics.every(({ gcType }) => gcType !== 'MarkSweepCompact')) return grown / calls;
  }
  throw new Error('all objects were collected during each of the measurements');
}
