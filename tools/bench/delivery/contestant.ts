/** Something that has happened at the source and has to be applied once at the target. */
export interface Transfer {
  readonly id: string;
  /** Counts from 0 within a measurement. */
  readonly number: number;
  readonly account: number;
  /** Minor units. */
  readonly amount: number;
}

/** Where a contestant works: databases and a Redis that are nobody else's while it is measured. */
export interface Place {
  /** Business tables of the source, and whatever carries the messages out of it. */
  readonly sourceUrl: string;
  /** Business tables of the target. Contestants whose queue lives in one database have both sides in the source's. */
  readonly targetUrl: string;
  readonly redisUrl: string;
}

/** The sending side. */
export interface Source {
  /** Resolves once the transfer's row and its message are committed (or sent, where the contestant has no outbox). */
  commit(transfer: Transfer): Promise<void>;
  close(): Promise<void>;
}

/** The receiving side, which applies what comes until it is closed. */
export interface Target {
  close(): Promise<void>;
}

/** Told of transfers whose effect is committed. */
export type Applied = (transfers: readonly Transfer[]) => void;

/**
 * A way of committing a row together with a message, carrying the message, and applying its effect exactly once. Each side runs in a process of its
 * own.
 */
export interface Contestant {
  /** Makes the tables anew. */
  prepare(place: Place): Promise<void>;
  openSource(place: Place): Promise<Source>;
  openTarget(place: Place, applied: Applied): Promise<Target>;
  /** Whether a message whose commit was answered is lost with the Redis that carries it. */
  readonly needsRedis: boolean;
  /** Database that the target applies to. */
  readonly appliesTo: 'sourceUrl' | 'targetUrl';
}

/**
 * `documented`: one transaction for each transfer on either side, as the documentation shows it. `grouped`: transfers that arrive together share
 * a transaction on both sides.
 */
export type Style = 'documented' | 'grouped';

/** Calls that are in flight at the source at the same time, as of so many cash machines. */
export const LANES = 256;

/** Connections of each side's pool. */
export const POOL_SIZE = 16;

/** Largest group that shares a transaction, and how many of them run at once. */
export const GROUPS = { itemsMax: 200, inFlightMax: 2 } as const;
