import type { Channel, Listener } from '../src/ports/channel.js';
import type { Bundle } from '../src/protocol/bundle.js';
import type { Envelope } from '../src/protocol/envelope.js';

type Handle = (data: unknown) => Promise<void>;

/** A channel within the process that does what the test tells it. */
export class MemoryChannel implements Channel {
  readonly kind = 'redis';
  /** Bundles that nobody has taken yet. */
  waiting = 0;
  /** Everything that was ever added, in order. */
  readonly added: { readonly queue: string; readonly envelope: Envelope }[] = [];
  /** `dead` rejects, `hung` never settles, `losing` swallows. */
  mode: 'works' | 'dead' | 'hung' | 'losing' = 'works';
  /** Swallows these envelopes only. */
  loses: (envelope: Envelope) => boolean = () => false;
  private readonly readers = new Map<string, Handle>();

  constructor(
    readonly name: string,
    readonly idleProbeMs = 1_000,
  ) {}

  async add(queue: string, bundles: readonly Bundle[]): Promise<void> {
    if (this.mode === 'dead') throw new Error('dead');
    if (this.mode === 'hung') await new Promise(() => undefined);
    if (this.mode === 'losing') return;
    this.added.push(...bundles.flatMap(({ envelopes }) => envelopes.map((envelope) => ({ queue, envelope }))));
    for (const { envelopes, ...bundle } of bundles) {
      const arriving = envelopes.filter((envelope) => !this.loses(envelope));
      void this.deliver(queue, { ...bundle, envelopes: arriving });
    }
  }

  /** Hands a job to the reader of `queue`, as often as the test likes; resolves when it was handled. */
  async deliver(queue: string, data: unknown): Promise<void> {
    await this.readers.get(queue)?.(JSON.parse(JSON.stringify(data)));
  }

  listen(queue: string, handle: Handle): Listener {
    this.readers.set(queue, handle);
    const ignore = () => undefined;
    return {
      allow: ignore,
      foundEmpty: () => this.waiting === 0,
      look: ignore,
      close: async () => void this.readers.delete(queue),
    };
  }

  backlog(): Promise<number> {
    return Promise.resolve(this.waiting);
  }

  listeners(): Promise<number> {
    return Promise.resolve(1);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}
