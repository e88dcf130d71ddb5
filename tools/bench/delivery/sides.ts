import type { Entry } from './contestants/contestants.js';
import type { Place } from './contestant.js';

/** What the process of one side is started with, as its only argument. */
export interface SideOptions {
  readonly side: 'source' | 'target';
  readonly entry: Entry;
  readonly place: Place;
}

/** Load for the source. */
export interface Phase {
  readonly milliseconds: number;
  /** Transfers per second, committed one by one at even intervals; as many as the window lets through where not given. */
  readonly perSecond?: number;
}

/** Moments of a range of transfers, milliseconds of the machine's own clock; NaN for what has not happened. */
export interface Moments {
  readonly first: number;
  readonly at: Float64Array;
}

export type ToSide =
  | { readonly do: 'send'; readonly phase: Phase }
  /** To the source: so many are applied by now. */
  | { readonly do: 'applied'; readonly count: number }
  /** To the target: the moments of transfers from `first` on. */
  | { readonly do: 'tell'; readonly first: number }
  | { readonly do: 'close' };

export type FromSide =
  | { readonly is: 'ready' }
  | { readonly is: 'applied'; readonly count: number }
  | { readonly is: 'sent'; readonly moments: Moments }
  | { readonly is: 'told'; readonly moments: Moments }
  | { readonly is: 'failed'; readonly error: string };

/** The same clock in all processes of a machine. */
export const machineMs = (): number => Number(process.hrtime.bigint()) / 1e6;
