interface Event {
  readonly at: number;
  /** Decides between events of one moment: what was planned first happens first. */
  readonly order: number;
  readonly act: () => void;
}

/** A clock that jumps from event to event. Milliseconds since the history began. */
export class VirtualTime {
  private moment = 0;
  private planned = 0;
  /** Binary heap, the next event first. */
  private readonly heap: Event[] = [];

  now(): number {
    return this.moment;
  }

  after(delayMs: number, act: () => void): void {
    this.insert({ at: this.moment + delayMs, order: this.planned++, act });
  }

  /** Lets the next event happen. False where there is none up to `until`. */
  step(until: number): boolean {
    const next = this.heap[0];
    if (next === undefined || next.at > until) return false;
    this.removeFirst();
    this.moment = next.at;
    next.act();
    return true;
  }

  private insert(event: Event): void {
    const { heap } = this;
    let index = heap.push(event) - 1;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (isBefore(heap[parent] as Event, event)) break;
      heap[index] = heap[parent] as Event;
      index = parent;
    }
    heap[index] = event;
  }

  private removeFirst(): void {
    const { heap } = this;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let index = 0;
    for (;;) {
      const left = 2 * index + 1;
      if (left >= heap.length) break;
      const right = left + 1;
      const child = right < heap.length && isBefore(heap[right] as Event, heap[left] as Event) ? right : left;
      if (isBefore(last, heap[child] as Event)) break;
      heap[index] = heap[child] as Event;
      index = child;
    }
    heap[index] = last;
  }
}

const isBefore = (one: Event, other: Event) => one.at < other.at || (one.at === other.at && one.order < other.order);
