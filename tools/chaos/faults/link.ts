import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/**
 * A TCP link that can be spoiled: what stands between the replicas and a channel. `open` passes everything on; `half-open` keeps every
 * connection and accepts new ones, but nothing comes through, as behind a cut cable or a dead firewall; `cut` breaks connections and
 * refuses new ones; a delay holds back what passes in both directions, in order.
 */
export class Link {
  private readonly pairs = new Set<readonly [Socket, Socket]>();
  private state: 'open' | 'half-open' | 'cut' = 'open';
  private delayMs = 0;

  private constructor(
    private readonly server: Server,
    private readonly target: URL,
  ) {}

  /** Listens on a free loopback port. */
  static async to(url: string): Promise<Link> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const link = new Link(server, new URL(url));
    server.on('connection', (client) => link.join(client));
    return link;
  }

  /** The target's address, by way of this link. */
  get url(): string {
    const through = new URL(this.target);
    through.hostname = '127.0.0.1';
    through.port = String((this.server.address() as AddressInfo).port);
    return through.href.replace(/\/$/, '');
  }

  halfOpen(): void {
    this.state = 'half-open';
    for (const socket of this.sockets()) socket.pause();
  }

  cut(): void {
    this.state = 'cut';
    for (const socket of this.sockets()) socket.destroy();
  }

  delay(milliseconds: number): void {
    this.delayMs = milliseconds;
  }

  /** As if nothing had been; connections that were broken stay so. */
  heal(): void {
    this.state = 'open';
    this.delayMs = 0;
    for (const socket of this.sockets()) socket.resume();
  }

  async close(): Promise<void> {
    for (const socket of this.sockets()) socket.destroy();
    await new Promise<void>((resolve) => this.server.close(() => resolve()));
  }

  private sockets(): Socket[] {
    return [...this.pairs].flat();
  }

  private join(client: Socket): void {
    if (this.state === 'cut') return void client.destroy();
    const server = connect(Number(this.target.port), this.target.hostname);
    const pair = [client, server] as const;
    this.pairs.add(pair);
    for (const [from, to] of [pair, [server, client] as const]) {
      const way = new OneWay(to);
      from.setNoDelay(true);
      from.on('error', () => undefined);
      from.on('data', (data) => way.pass(data, this.delayMs));
      from.on('close', () => {
        this.pairs.delete(pair);
        to.destroy();
      });
      if (this.state === 'half-open') from.pause();
    }
  }
}

/** Bytes in one direction, which keep their order however the delay changes. */
class OneWay {
  private waiting = 0;
  private last: Promise<void> = Promise.resolve();

  constructor(private readonly to: Socket) {}

  pass(data: Buffer, delayMs: number): void {
    if (delayMs === 0 && this.waiting === 0) return void this.to.write(data);
    this.waiting += 1;
    const due = performance.now() + delayMs;
    this.last = this.last.then(async () => {
      await new Promise((resolve) => setTimeout(resolve, Math.max(0, due - performance.now())));
      this.waiting -= 1;
      if (!this.to.destroyed) this.to.write(data);
    });
  }
}
