import type { Clock } from '../ports/clock.js';

/** What a replica did with a message: at its source, and (`applied`, `repeated`; of an express one `served`) at its target. */
export type SightingKind = 'sent' | 'sent-again' | 'applied' | 'repeated' | 'served' | 'answered' | 'answered-late';

export interface Sighting {
  /** ISO 8601, UTC. */
  readonly at: string;
  readonly kind: SightingKind;
  /** Of `sent` and `sent-again`, from 1. */
  readonly attempt: number | null;
}

/** How much a replica remembers; some hundred kilobytes. */
const SIGHTINGS_MAX = 4_096;

interface Noted {
  readonly messageId: string;
  readonly atMs: number;
  readonly kind: SightingKind;
  readonly attempt: number | null;
}

/** The latest messages that this replica has had in hand, in memory only: for people who want to see the way of one. */
export class Sightings {
  private readonly noted: Noted[] = [];
  private next = 0;

  constructor(private readonly clock: Clock) {}

  note(kind: SightingKind, messageId: string, attempt: number | null = null): void {
    this.noted[this.next] = { messageId, atMs: this.clock.now(), kind, attempt };
    this.next = (this.next + 1) % SIGHTINGS_MAX;
  }

  /** Oldest first. */
  of(messageId: string): Sighting[] {
    return this.noted
      .filter((one) => one.messageId === messageId)
      .sort((one, other) => one.atMs - other.atMs)
      .map(({ atMs, kind, attempt }) => ({ at: new Date(atMs).toISOString(), kind, attempt }));
  }
}
