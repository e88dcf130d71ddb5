/**
 * How many readers a queue gets, and how many replicas its service should have. Nothing reads an empty queue: what waits
 * on it is the queue monitor, whose waking starts the first reader. From then on the numbers follow backlog and drain
 * rate, up at once and down slowly, so that they do not swing. Pure; time is passed in, milliseconds.
 */
export interface Readers {
  /** Bundles that are handled at the same time; 0: only the monitor waits. */
  readonly readers: number;
  /** Since when fewer would have done, or null. */
  readonly calmSince: number | null;
}

/** What happened on a queue since the last look at it. */
export interface QueueLoad {
  /** Bundles that wait. */
  readonly backlog: number;
  /** Bundles handled. */
  readonly handled: number;
  /** Most readers that were at work at once. */
  readonly busiest: number;
  /** Time since that look. */
  readonly elapsedMs: number;
}

/** What is drained sooner than this needs no more readers, milliseconds. */
export const PROMPT_MS = 100;

/** How long fewer readers must have done before there are fewer, milliseconds. */
export const CALM_MS = 500;

export const ASLEEP: Readers = { readers: 0, calmSince: null };

/** A message has arrived. */
export const woken = (state: Readers): Readers => (state.readers > 0 ? state : { readers: 1, calmSince: null });

/**
 * Doubles the readers while the queue outgrows them, halves them while fewer do. Never more than `readersMax`; none where
 * nobody is at work, whatever waits: more readers would not be given it either.
 */
export function adapted(state: Readers, load: QueueLoad, readersMax: number, now: number): Readers {
  const { readers } = state;
  if (readers === 0) return state;
  if (load.busiest > 0 && outgrows(load)) return { readers: Math.min(readersMax, readers * 2), calmSince: null };
  const fewerDo = load.busiest === 0 || (load.backlog === 0 && load.busiest <= readers / 2);
  if (!fewerDo) return { readers, calmSince: null };
  const calmSince = state.calmSince ?? now;
  if (now - calmSince < CALM_MS) return { readers, calmSince };
  return { readers: Math.floor(readers / 2), calmSince: now };
}

const outgrows = ({ backlog, handled, elapsedMs }: QueueLoad) =>
  backlog > 0 && (backlog * elapsedMs) / Math.max(handled, 0.5) > PROMPT_MS;

/** What one replica sees of its service. */
export interface ServiceLoad {
  /** Replicas that read the service's queues, this one among them. */
  readonly replicas: number;
  /** Bundles that wait, for all of them. */
  readonly backlog: number;
  /** Bundles that this replica handled per second. */
  readonly drainedPerSecond: number;
  /** Share of the readers that this replica may have which were at work, 0 to 1; 1 while bundles wait. */
  readonly busy: number;
}

/** How many replicas are wanted, and since when more or fewer. */
export interface Wanted {
  readonly replicas: number;
  readonly growingSince: number | null;
  readonly shrinkingSince: number | null;
}

/** A backlog that the replicas there are drain within this needs no more of them, seconds. */
export const PATIENCE_SECONDS = 2;

/** How busy replicas should be at most for long, 0 to 1. */
export const BUSY_TARGET = 0.7;

/** How long more replicas must have been needed before they are asked for, milliseconds: a burst is over by then. */
export const GROW_AFTER_MS = 1_000;

/** How long fewer must have done before fewer are asked for, milliseconds; starting one is dear. */
export const SHRINK_AFTER_MS = 15_000;

export const ONE_REPLICA: Wanted = { replicas: 1, growingSince: null, shrinkingSince: null };

/** Follows what the load needs, with hysteresis: at most doubled at once, and half the way back at a time. */
export function wanted(state: Wanted, load: ServiceLoad, now: number): Wanted {
  const needed = replicasNeeded(load);
  const still = { replicas: state.replicas, growingSince: null, shrinkingSince: null };
  if (needed === state.replicas) return still;
  if (needed > state.replicas) {
    const growingSince = state.growingSince ?? now;
    if (now - growingSince < GROW_AFTER_MS) return { ...still, growingSince };
    return { ...still, replicas: Math.min(needed, 2 * Math.max(load.replicas, state.replicas)) };
  }
  const shrinkingSince = state.shrinkingSince ?? now;
  if (now - shrinkingSince < SHRINK_AFTER_MS) return { ...still, shrinkingSince };
  return { ...still, replicas: state.replicas - Math.ceil((state.replicas - needed) / 2), shrinkingSince: now };
}

/** Replicas that bear the work that comes and clear in time what waits. At least one. */
export function replicasNeeded({ replicas, backlog, drainedPerSecond, busy }: ServiceLoad): number {
  const forWhatComes = (replicas * busy) / BUSY_TARGET;
  const each = Math.max(drainedPerSecond, 1) / Math.max(busy, 0.1);
  const forWhatWaits = backlog / (each * PATIENCE_SECONDS);
  return Math.max(1, Math.ceil(Math.max(forWhatComes, forWhatWaits)));
}
