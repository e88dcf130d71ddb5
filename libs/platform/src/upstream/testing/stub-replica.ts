import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

/** What a stub does with a call; it may also break the connection (`request.socket.destroy()`) or never answer. */
export type StubHandler = (request: IncomingMessage, body: string, response: ServerResponse) => void;

/** A real HTTP server that stands for a replica: counts its calls, can be killed, frozen, and started again on the same port. */
export class StubReplica {
  /** Calls received, health checks aside. */
  calls = 0;
  ready = true;
  handler: StubHandler = (_request, _body, response) => this.answer(response, 200, '{}');
  private server: Server | undefined;
  private readonly sockets = new Set<Socket>();
  private port = 0;

  constructor(readonly name: string) {}

  static async start(name: string): Promise<StubReplica> {
    const replica = new StubReplica(name);
    await replica.start();
    return replica;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  async start(): Promise<void> {
    const server = createServer(this.listener).listen(this.port, '127.0.0.1');
    server.on('connection', (socket) => {
      this.sockets.add(socket);
      socket.once('close', () => this.sockets.delete(socket));
    });
    await new Promise((resolve, reject) => server.once('listening', resolve).once('error', reject));
    this.port = (server.address() as AddressInfo).port;
    this.server = server;
  }

  /** As `kill -9`: every connection breaks, nobody listens any more. */
  async kill(): Promise<void> {
    const { server } = this;
    if (server === undefined) return;
    this.server = undefined;
    const closed = new Promise((resolve) => server.close(resolve));
    for (const socket of this.sockets) socket.resetAndDestroy();
    await closed;
  }

  answer(response: ServerResponse, status: number, body: string, headers: Record<string, string> = {}): void {
    response.writeHead(status, { 'content-type': 'application/json', 'x-served-by': this.name, ...headers }).end(body);
  }

  private readonly listener: RequestListener = (request, response) => {
    if (request.url === '/health/ready') {
      response.writeHead(this.ready ? 200 : 503).end();
      return;
    }
    this.calls += 1;
    let body = '';
    request.setEncoding('utf8');
    request.on('data', (chunk: string) => (body += chunk));
    request.on('end', () => this.handler(request, body, response));
  };
}

/** Waits until `condition` holds; throws after the deadline. */
export async function eventually(condition: () => boolean, deadlineMs = 5_000): Promise<void> {
  const giveUpAt = Date.now() + deadlineMs;
  while (!condition()) {
    if (Date.now() > giveUpAt) throw new Error(`still not so after ${deadlineMs} ms: ${condition.toString()}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
