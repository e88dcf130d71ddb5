import { ScratchRedis } from '../scratch-redis.js';
import type { Books } from './books.js';
import type { Place } from './contestant.js';
import { OWN } from './contestants/contestants.js';
import { withSides } from './measure-delivery.js';

/** What became of the messages that were under way when their Redis was lost. */
export interface RedisLoss extends Books {
  /** Committed while the load ran. */
  readonly messages: number;
  /** From the end of the load until the last of them was applied, seconds. */
  readonly drainedSeconds: number;
}

/**
 * Kills the Redis that the messaging library has for its only channel in the middle of full load, deletes its files, and starts it again, empty:
 * what was committed must be applied all the same, each message once. Null where there is no Redis.
 */
export async function loseRedis(place: Place, seconds: number): Promise<RedisLoss | null> {
  const redis = await ScratchRedis.start();
  if (redis === null) return null;
  try {
    return await withSides(OWN, { ...place, redisUrl: redis.url }, async (phase, books) => {
      const load = phase(seconds);
      // Awaited below: not before Redis is back, or it would be started again behind us.
      load.catch(() => undefined);
      await new Promise((resolve) => setTimeout(resolve, seconds * 500));
      await redis.lose();
      const { committed, applied } = await load;
      const drainedSeconds = Math.max(0, last(applied.at) - last(committed.at)) / 1_000;
      return { messages: committed.at.length, drainedSeconds, ...(await books()) };
    });
  } finally {
    await redis.close();
  }
}

const last = (moments: Float64Array): number => moments.reduce((latest, ms) => Math.max(latest, ms), -Infinity);
