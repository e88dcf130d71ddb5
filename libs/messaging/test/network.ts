import type { Channel, Listener } from '../src/ports/channel.js';
import type { Bundle } from '../src/protocol/bundle.js';
import type { Envelope } from '../src/protocol/envelope.js';

type Handle = (data: unknown) => Promise<void>;

/** What happens to one envelope on its way. */
export interface Fate {
  /** 0 loses it. */
  readonly copies: number;
  /** Of each copy, milliseconds. */
  readonly delayMs: () => number;
  /** Every reader of the queue gets one, as where several routes are used at the same time. */
  readonly toAllReaders?: boolean;
}

/** Several brokers connected by one channel that does with each envelope what the test says. */
export class Network {
  /** Everything that was ever put on the channel, in order. */
  readonly carried: { readonly queue: string; readonly envelope: Envelope }[] = [];
  fate: (envelope: Envelope) => Fate = () => ({ copies: 1, delayMs: () => 0 });
  private readonly readers = new Map<string, Set<Handle>>();
  private readonly random = seeded(1);

  channel(): Channel {
    const nothing = () => undefined;
    return {
      name: 'network',
      kind: 'redis',
      idleProbeMs: 60_000,
      add: (queue, bundles) => Promise.resolve(this.add(queue, bundles)),
      listen: (queue, handle) => this.listen(queue, handle),
      backlog: () => Promise.resolve(0),
      listeners: () => Promise.resolve(1),
      close: () => Promise.resolve(nothing()),
    };
  }

  /** Gives one bundle to one reader; resolves when it has been handled. */
  async deliverTogether(queue: string, envelopes: readonly Envelope[]): Promise<void> {
    const [handle] = this.readers.get(queue) ?? [];
    await handle?.({ envelopes });
  }

  private add(queue: string, bundles: readonly Bundle[]): void {
    for (const { envelopes, ...rest } of bundles) {
      if (envelopes.length === 0) this.deliver(queue, { ...rest, envelopes }, false);
      for (const envelope of envelopes) {
        this.carried.push({ queue, envelope });
        const { copies, delayMs, toAllReaders = false } = this.fate(envelope);
        for (let copy = 0; copy < copies; copy++) {
          setTimeout(() => this.deliver(queue, { envelopes: [envelope] }, toAllReaders), delayMs()).unref();
        }
      }
    }
  }

  private deliver(queue: string, bundle: Bundle, toAllReaders: boolean): void {
    const readers = [...(this.readers.get(queue) ?? [])];
    const one = this.random() * readers.length;
    const chosen = toAllReaders ? readers : readers.slice(Math.floor(one), Math.floor(one) + 1);
    for (const handle of chosen) void handle(JSON.parse(JSON.stringify(bundle)));
  }

  private listen(queue: string, handle: Handle): Listener {
    const readers = this.readers.get(queue) ?? new Set();
    this.readers.set(queue, readers.add(handle));
    const ignore = () => undefined;
    return { allow: ignore, foundEmpty: () => true, look: ignore, close: async () => void readers.delete(handle) };
  }
}

/** Equally distributed numbers from 0 to 1 that are the same for the same seed (Mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
