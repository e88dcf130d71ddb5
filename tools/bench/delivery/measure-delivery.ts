import { percentilesOf, type Percentiles } from '../percentiles.js';
import { setRedisFlush } from '../environment/durability.js';
import { type Books, readBooks } from './books.js';
import type { Place } from './contestant.js';
import { type Entry, loadContestant } from './contestants/contestants.js';
import { SideProcess } from './side.js';
import type { Moments, Phase } from './sides.js';

export interface DeliveryOptions {
  readonly warmUpSeconds: number;
  /** At full load. */
  readonly measuredSeconds: number;
  readonly pacedSeconds: number;
}

/** What one contestant did. */
export interface DeliveryFigures extends Books {
  /** Transfers applied per second, with as many on their way as it can use (at most two thousand). */
  readonly perSecond: number;
  /** From the commit to the commit of the effect at `PACED_PER_SECOND`, milliseconds. */
  readonly paced: Percentiles;
}

export const PACED_PER_SECOND = 200;

/** Until everything that was sent has to be applied, milliseconds. */
const DRAIN_MS_MAX = 60_000;

/** Measures one contestant on fresh tables, its two sides in a process of their own each: first at full load, then paced. */
export function measureDelivery(entry: Entry, place: Place, options: DeliveryOptions): Promise<DeliveryFigures> {
  return withSides(entry, place, async (phase, readBooks) => {
    await phase(options.warmUpSeconds);
    const full = await phase(options.measuredSeconds);
    const paced = await phase(options.pacedSeconds, PACED_PER_SECOND);
    return {
      perSecond: rateOf(full.applied, options.measuredSeconds),
      paced: latencyOf(paced),
      ...(await readBooks()),
    };
  });
}

/** Sends for a while, at full load where no rate is given, and resolves when all of it is applied. */
export type RunPhase = (seconds: number, perSecond?: number) => Promise<Ran>;

/** Both sides of a contestant, on fresh tables, for as long as `work` takes. A Redis that has to keep something flushes before it answers. */
export async function withSides<Result>(
  entry: Entry,
  place: Place,
  work: (phase: RunPhase, books: () => Promise<Books>) => Promise<Result>,
): Promise<Result> {
  const contestant = await loadContestant(entry);
  await setRedisFlush(place.redisUrl, contestant.needsRedis ? 'always' : 'everysec');
  await contestant.prepare(place);
  const target = await SideProcess.start({ side: 'target', entry, place });
  try {
    const source = await SideProcess.start({ side: 'source', entry, place });
    try {
      target.onApplied((count) => source.tell({ do: 'applied', count }));
      return await work(
        (seconds, perSecond) => run(source, target, seconds, perSecond),
        () => readBooks(place.sourceUrl, place[contestant.appliesTo]),
      );
    } finally {
      await source.close();
    }
  } finally {
    await target.close();
  }
}

/** Moments of all transfers of one phase. */
export interface Ran {
  readonly committed: Moments;
  readonly applied: Moments;
}

async function run(source: SideProcess, target: SideProcess, seconds: number, perSecond?: number): Promise<Ran> {
  const phase: Phase = { milliseconds: seconds * 1_000, ...(perSecond === undefined ? {} : { perSecond }) };
  const committed = await source.send(phase);
  await target.untilApplied(committed.first + committed.at.length, DRAIN_MS_MAX);
  return { committed, applied: await target.tellMoments(committed.first) };
}

/** Of those applied within the time that began with the first effect, so that neither start nor drain counts. */
export function rateOf({ at }: Pick<Moments, 'at'>, seconds: number): number {
  const sorted = at.filter((ms) => !Number.isNaN(ms)).sort();
  const begin = sorted[0];
  if (begin === undefined) return 0;
  const within = sorted.findLastIndex((ms) => ms < begin + seconds * 1_000) + 1;
  return within / seconds;
}

function latencyOf({ committed, applied }: Ran): Percentiles {
  const durations = [...committed.at].map((ms, index) => Math.max(0, (applied.at[index] ?? NaN) - ms));
  return percentilesOf(durations.filter((ms) => !Number.isNaN(ms)));
}
