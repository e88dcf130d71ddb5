import { connect, type Socket } from 'node:net';

export interface HttpAnswer {
  readonly status: number;
  readonly body: string;
}

/** Of one answer, once all of its head is there. */
const HEAD_END = '\r\n\r\n';
const STATUS = /^HTTP\/1\.1 (\d{3})/;
const LENGTH = /\r\ncontent-length: *(\d+)\r\n/i;

interface Asking {
  readonly resolve: (answer: HttpAnswer) => void;
  readonly reject: (error: Error) => void;
}

/**
 * A kept HTTP/1.1 connection to a gateway with one POST on it at a time, and nothing else: answers must say their length. Whatever the load costs is
 * taken from what it measures, and a general client costs twice as much as this.
 */
export class HttpConnection {
  private readonly address: { readonly host: string; readonly port: number };
  private socket: Socket | null = null;
  private received = '';
  private asking: Asking | null = null;

  constructor(url: string) {
    const { hostname, port } = new URL(url);
    this.address = { host: hostname, port: Number(port) };
  }

  /** `head`: header lines, each with its line end. Rejects where the connection breaks, or what comes is no such answer. */
  post(path: string, head: string, body: string): Promise<HttpAnswer> {
    if (this.asking !== null) throw new Error('one request at a time');
    return new Promise((resolve, reject) => {
      this.asking = { resolve, reject };
      this.socket ??= this.open();
      const { host, port } = this.address;
      const length = Buffer.byteLength(body);
      this.socket.write(
        `POST ${path} HTTP/1.1\r\nhost: ${host}:${port}\r\ncontent-length: ${length}\r\n${head}\r\n${body}`,
      );
    });
  }

  close(): void {
    this.socket?.destroy();
  }

  private open(): Socket {
    const socket = connect({ ...this.address, noDelay: true });
    socket.setEncoding('utf8');
    const lose = (error: Error) => {
      // One that was lost before has been replaced.
      if (this.socket === socket) this.lose(error);
    };
    socket.on('data', (text: string) => this.hear(text));
    socket.on('error', lose);
    socket.on('close', () => lose(new Error('the gateway has closed the connection')));
    return socket;
  }

  private hear(text: string): void {
    this.received += text;
    const headEnd = this.received.indexOf(HEAD_END);
    if (headEnd < 0) return;
    const head = this.received.slice(0, headEnd + 2);
    const body = this.received.slice(headEnd + HEAD_END.length);
    const status = STATUS.exec(head)?.[1];
    const length = LENGTH.exec(head)?.[1];
    if (status === undefined || length === undefined) return this.lose(new Error(`cannot be read: ${head}`));
    if (Buffer.byteLength(body) < Number(length)) return;
    this.received = '';
    const { asking } = this;
    this.asking = null;
    asking?.resolve({ status: Number(status), body });
  }

  /** The next request opens another one. */
  private lose(error: Error): void {
    this.socket?.destroy();
    this.socket = null;
    this.received = '';
    this.asking?.reject(error);
    this.asking = null;
  }
}
