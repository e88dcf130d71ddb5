import { Client, type ClientConfig } from 'pg';

/** Between two attempts to connect, milliseconds. */
const RECONNECT_MS = 1_000;

/**
 * Hears NOTIFY on one channel over a connection of its own, which is made anew whenever it is lost. Since what is said
 * meanwhile is not heard, every new connection counts as a word.
 */
export class Listener {
  private client: Client | null = null;
  private timer: NodeJS.Timeout | undefined;
  private closed = false;
  private connecting: Promise<void>;

  constructor(
    private readonly config: ClientConfig,
    private readonly channel: string,
    private readonly heard: () => void,
  ) {
    this.connecting = this.connect();
  }

  async close(): Promise<void> {
    this.closed = true;
    clearTimeout(this.timer);
    await this.connecting;
    await this.client?.end().catch(() => undefined);
  }

  private async connect(): Promise<void> {
    const client = new Client(this.config);
    client.on('notification', this.heard);
    client.on('error', () => undefined);
    client.once('end', () => this.reconnect());
    try {
      await client.connect();
      await client.query(`LISTEN ${client.escapeIdentifier(this.channel)}`);
      this.client = client;
      this.heard();
    } catch {
      this.reconnect();
      await client.end().catch(() => undefined);
    }
  }

  private reconnect(): void {
    clearTimeout(this.timer);
    this.client = null;
    if (this.closed) return;
    this.timer = setTimeout(() => {
      this.connecting = this.connect();
    }, RECONNECT_MS).unref();
  }
}
