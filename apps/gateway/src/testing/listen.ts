import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';

/** One server-sent event as a client reads it. */
export interface ReceivedEvent {
  readonly id: string;
  readonly event: string;
  readonly data: Record<string, unknown>;
}

/** Somebody who listens to a stream of server-sent events, on a connection of its own. */
export class TestListener {
  readonly events: ReceivedEvent[] = [];
  comments = 0;
  ended = false;

  private constructor(readonly answer: IncomingMessage) {
    let text = '';
    answer.setEncoding('utf8');
    answer.on('data', (chunk: string) => {
      const blocks = (text + chunk).split('\n\n');
      text = blocks.pop() ?? '';
      blocks.forEach((block) => this.take(block));
    });
    answer.on('close', () => (this.ended = true));
    answer.on('error', () => undefined);
  }

  static async open(url: string, headers: Record<string, string>): Promise<TestListener> {
    const [answer] = (await once(get(url, { headers, agent: false }), 'response')) as [IncomingMessage];
    return new TestListener(answer);
  }

  of(event: string): Record<string, unknown>[] {
    return this.events.filter((one) => one.event === event).map(({ data }) => data);
  }

  close(): void {
    this.answer.destroy();
  }

  private take(block: string): void {
    const fields = new Map(block.split('\n').map((line) => line.split(/: ?(.*)/s, 2) as [string, string]));
    const data = fields.get('data');
    if (data === undefined) this.comments += 1;
    else {
      const event = { id: fields.get('id') ?? '', event: fields.get('event') ?? '' };
      this.events.push({ ...event, data: JSON.parse(data) as Record<string, unknown> });
    }
  }
}
