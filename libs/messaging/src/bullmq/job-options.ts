import type { JobsOptions } from 'bullmq';
import { randomUUID } from 'node:crypto';
import type { Bundle } from '../protocol/bundle.js';

/** Prefix of everything in Redis, and the schema in PostgreSQL stays BullMQ's own. */
export const QUEUE_PREFIX = 'messaging';

/** Entries that BullMQ keeps of its event stream per queue; nobody reads it. */
export const EVENTS_KEPT = 100;

/**
 * A job is worth nothing once it was handled: what matters is in the databases. It is not tried again by BullMQ either,
 * since the source does that, with the state it then has.
 */
const JOB_OPTIONS: JobsOptions = { attempts: 1, removeOnComplete: true, removeOnFail: true };

/** The part of a BullMQ queue that is used to add. */
interface Adder {
  add(name: string, data: Bundle, options: JobsOptions): Promise<unknown>;
  addBulk(jobs: { name: string; data: Bundle; opts: JobsOptions }[]): Promise<unknown>;
}

/**
 * Adds bundles as jobs; resolves when the queue has them. Ids are new ones every time: BullMQ silently ignores an id that it already has. What
 * comes alone is spared the transaction that several are added in.
 */
export async function addJobs(queue: Adder, bundles: readonly Bundle[]): Promise<void> {
  const jobs = bundles.map((data) => ({ name: 'bundle', data, opts: { ...JOB_OPTIONS, jobId: randomUUID() } }));
  const [job] = jobs;
  if (job !== undefined && jobs.length === 1) await queue.add(job.name, job.data, job.opts);
  else await queue.addBulk(jobs);
}

/** Options of workers on every backend. */
export const WORKER_OPTIONS = {
  /** Time without a sign of life after which a job counts as left behind, milliseconds. */
  lockDuration: 10_000,
  /**
   * A job that a dying replica has left behind is dropped and not handed on: what it did may have been the death of it, and only a
   * copy that its source sends again is counted as such.
   */
  maxStalledCount: 0,
  /** Between two looks for such jobs, milliseconds. Rare, since nobody waits for them: their sources send them again long before. */
  stalledInterval: 60_000,
  /** After a lost connection, milliseconds. */
  runRetryDelay: 1_000,
} as const;
