import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';

/** One call as a stub received it. */
export interface ReceivedCall {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export type StubAnswer = (call: ReceivedCall, response: ServerResponse, request: IncomingMessage) => void;

/** Stands for a replica of atm-terminal or account behind the gateway: records what arrives and answers as told. */
export class StubService {
  readonly received: ReceivedCall[] = [];
  /** Answers by `METHOD path`; `*` is for all others. */
  readonly answers = new Map<string, StubAnswer>();
  private server: Server | undefined;

  constructor(readonly name: string) {
    this.answers.set('*', (_call, response) => this.send(response, 200, {}));
    this.answers.set('GET /health/ready', (_call, response) => this.send(response, 200, {}));
  }

  async start(): Promise<this> {
    const server = createServer((request, response) => {
      let body = '';
      request.setEncoding('utf8');
      request.on('data', (chunk: string) => (body += chunk));
      request.on('end', () => this.take(request, body, response));
    });
    this.server = server.listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    return this;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server?.address() as AddressInfo).port}`;
  }

  /** The calls of the contract, without what the gateway asks on its own. */
  get calls(): ReceivedCall[] {
    return this.received.filter(({ url }) => url.startsWith('/v1/'));
  }

  send(response: ServerResponse, status: number, body: unknown, headers: Record<string, string> = {}): void {
    const type = status >= 400 ? 'application/problem+json' : 'application/json';
    response.writeHead(status, { 'content-type': type, 'x-served-by': this.name, ...headers });
    response.end(status === 204 ? undefined : JSON.stringify(body));
  }

  async stop(): Promise<void> {
    const { server } = this;
    this.server = undefined;
    if (server === undefined) return;
    const closed = new Promise((resolve) => server.close(resolve));
    server.closeAllConnections();
    await closed;
  }

  private take(request: IncomingMessage, body: string, response: ServerResponse): void {
    const call = { method: request.method ?? '', url: request.url ?? '', headers: request.headers, body };
    this.received.push(call);
    const answer = this.answers.get(`${call.method} ${call.url.split('?')[0]}`) ?? this.answers.get('*');
    answer?.(call, response, request);
  }
}
