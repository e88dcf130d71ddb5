import type { OperatorEvent, OperatorEventKind } from '#contracts';

export type LoggedEvent = OperatorEvent & { readonly id: string };

/** How many events somebody may have missed and still be told: about a minute. */
const REMEMBERED_MAX = 256;

/** The events of one sampling: numbered, the last ones remembered, and the newest of each kind of which a new listener needs the state. */
export class EventLog {
  private readonly events: LoggedEvent[] = [];
  private readonly newest = new Map<OperatorEventKind, LoggedEvent>();
  private last = 0;

  /** `sampling` tells this log from every other one, of this gateway and of all others. */
  constructor(private readonly sampling: string) {}

  append(event: OperatorEvent): LoggedEvent {
    this.last += 1;
    const logged = { ...event, id: `${this.sampling}-${this.last}` };
    this.events.push(logged);
    if (this.events.length > REMEMBERED_MAX) this.events.shift();
    this.newest.set(event.kind, logged);
    return logged;
  }

  /** What somebody who has seen `lastId` has missed; without it, or where that is too long ago or another log's, the state as it is. */
  since(lastId: string | null): LoggedEvent[] {
    const seen = this.events.findIndex(({ id }) => id === lastId);
    if (seen >= 0) return this.events.slice(seen + 1);
    const state = [...this.newest.values()].filter(({ kind }) => kind !== 'notice');
    return state.sort((one, other) => this.numberOf(one) - this.numberOf(other));
  }

  private readonly numberOf = ({ id }: LoggedEvent) => Number(id.slice(this.sampling.length + 1));
}
