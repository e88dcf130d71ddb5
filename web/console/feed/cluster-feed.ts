import type { OperatorEvent } from '#contracts';
import { EventReader } from './server-sent-events.js';

export type FeedState = 'connecting' | 'live' | 'refused';

export interface FeedOptions {
  readonly origins: readonly string[];
  readonly token: string;
  readonly onEvent: (event: OperatorEvent) => void;
  /** `origin` is the gateway that is or was listened to. */
  readonly onState: (state: FeedState, origin: string) => void;
  readonly fetch?: typeof fetch;
}

/** Twice a second something comes; a gateway that is silent for so long is frozen or cut off, milliseconds. */
const SILENCE_MS_MAX = 2_000;

const PAUSE_MS = 250;

/**
 * Listens to `GET /v1/operator/events` until it is closed. When its gateway ends, breaks off or falls silent it goes to the next one, with the id of
 * what it has seen last.
 */
export class ClusterFeed {
  private readonly closing = new AbortController();
  private readonly send: typeof fetch;
  private lastId: string | null = null;

  constructor(private readonly options: FeedOptions) {
    this.send = options.fetch ?? fetch.bind(globalThis);
  }

  /** Resolves when it is closed, or the token is refused. */
  async run(): Promise<void> {
    const { origins, onState } = this.options;
    for (let turn = 0; !this.closing.signal.aborted; turn++) {
      const origin = origins[turn % origins.length] as string;
      onState('connecting', origin);
      if (await this.listen(origin).catch(() => false)) return onState('refused', origin);
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
  }

  close(): void {
    this.closing.abort();
  }

  /** Until the stream ends; rejects where it breaks. True: the token is not accepted. */
  private async listen(origin: string): Promise<boolean> {
    const silence = new AbortController();
    let watch = setTimeout(() => silence.abort(), SILENCE_MS_MAX);
    try {
      const resume: Record<string, string> = this.lastId === null ? {} : { 'last-event-id': this.lastId };
      const response = await this.send(`${origin}/v1/operator/events`, {
        headers: { authorization: `Bearer ${this.options.token}`, ...resume },
        signal: AbortSignal.any([this.closing.signal, silence.signal]),
        cache: 'no-store',
      });
      if (response.status === 401) return true;
      if (!response.ok || response.body === null) return false;
      const events = new EventReader();
      const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
      for (;;) {
        const { done, value } = await reader.read();
        if (done) return false;
        clearTimeout(watch);
        watch = setTimeout(() => silence.abort(), SILENCE_MS_MAX);
        for (const event of events.take(value)) this.tell(event, origin);
      }
    } finally {
      clearTimeout(watch);
    }
  }

  private tell({ id, kind, data }: { id: string; kind: string; data: string }, origin: string): void {
    this.lastId = id;
    this.options.onState('live', origin);
    this.options.onEvent({ kind, data: JSON.parse(data) as unknown } as OperatorEvent);
  }
}
