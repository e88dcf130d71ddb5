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

const MEASUREMENTS = 3;
const MEASUREMENTS_MAX = 10;

/**
 * Bytes that one call of `work` leaves behind and no collection of young objects frees, after the calls that load and compile what it needs
 * ([ADR 74](../../docs/adr/0074-closures-that-are-born-old.md)). The least of three measurements: what each call leaves is in all of them, what V8
 * compiles once more meanwhile is not. Measured again where all objects were collected meanwhile, which would hide them.
 */
export async function bytesGrownOld(work: () => Promise<unknown>, calls: number): Promise<number> {
  const callAll = async () => {
    for (let call = 0; call < calls; call++) await work();
  };
  await callAll();
  const measured: number[] = [];
  for (let measurement = 0; measured.length < MEASUREMENTS && measurement < MEASUREMENTS_MAX; measurement++) {
    const profiler = new GCProfiler();
    profiler.start();
    const before = oldBytes();
    await callAll();
    const grown = oldBytes() - before;
    if (profiler.stop().statistics.every(({ gcType }) => gcType !== 'MarkSweepCompact')) measured.push(grown / calls);
  }
  if (measured.length < MEASUREMENTS) throw new Error('all objects were collected during too many of the measurements');
  return Math.min(...measured);
}
