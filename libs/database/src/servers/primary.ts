import { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import type { DatabaseUrl, ServerAddress } from './database-url.js';
import { DOWN, ServerObserver, type Standing } from './server-observer.js';

/** How one of the servers stands, as last seen. */
export interface ServerStatus {
  /** `host:port`. */
  readonly name: string;
  readonly role: Standing['role'];
  readonly state: Standing['state'];
}

/** The connections' socket error when their server is not the primary any more; node-postgres hands it on as it is. */
export class PrimaryLost extends Error {
  readonly code = 'ECONNRESET';
}

/**
 * Which of several servers is the primary: the one that says so with the highest timeline that was ever seen. So a former primary that
 * comes back and does not know yet that it was replaced is not used, whatever it says. Observes the servers while there are
 * connections that want to know, and ends those to a server the moment it is down, a standby, or superseded.
 *
 * `moved` is emitted when another server became the primary than the last one, with the milliseconds that there was none.
 */
export class Primary extends EventEmitter<{ moved: [milliseconds: number] }> {
  private observers: readonly ServerObserver[] = [];
  private current: ServerObserver | null = null;
  private last: number | null = null;
  private lostAt: number | null = null;
  private timelineMax = 0;
  private seen: readonly ServerStatus[];
  /** Connections, each with the server that it was told to use, or what to tell it. */
  private readonly sockets = new Map<Socket, ServerAddress | ((server: ServerAddress) => void)>();

  constructor(private readonly url: DatabaseUrl) {
    super();
    this.seen = url.servers.map((server) => ({ name: nameOf(server), role: DOWN.role, state: DOWN.state }));
  }

  /** As last seen, in the order of the URL. */
  get servers(): readonly ServerStatus[] {
    return this.seen;
  }

  /** Calls `found` with the primary's address, now or once there is one, until `socket` is closed; and ends `socket` when it is lost. */
  follow(socket: Socket, found: (server: ServerAddress) => void): void {
    socket.once('close', () => {
      this.sockets.delete(socket);
      if (this.sockets.size === 0) this.rest();
    });
    this.sockets.set(socket, found);
    if (this.observers.length === 0) this.observe();
    this.tell();
  }

  private observe(): void {
    this.observers = this.url.servers.map(
      (server) =>
        new ServerObserver(
          this.url.at(server),
          () => this.current === null,
          () => this.choose(),
        ),
    );
  }

  private rest(): void {
    for (const observer of this.observers) observer.close();
    this.observers = [];
    this.current = null;
    this.lostAt = null;
  }

  private choose(): void {
    // The first choice waits until all have been heard, or given up: one of two that claim to be the primary is stale.
    if (this.current === null && this.observers.some(({ standing }) => standing === null)) return;
    const eligible = this.observers.filter((one) => this.isEligible(one)).sort(byTimeline);
    // Of equals the one that is followed already.
    const [best = null] = eligible;
    const isKept = best !== null && eligible.some((one) => one === this.current && byTimeline(one, best) === 0);
    const chosen = isKept ? this.current : best;
    this.timelineMax = chosen?.standing?.timeline ?? this.timelineMax;
    const before = this.current;
    this.current = chosen;
    this.seen = this.observers.map((observer, index) => this.statusOf(observer, index));
    if (chosen === before) return;
    if (before !== null) this.lostAt ??= Date.now();
    this.endStrays();
    if (chosen !== null) this.noteMove(this.observers.indexOf(chosen));
    this.tell();
  }

  private statusOf(observer: ServerObserver, index: number): ServerStatus {
    const { role, state } = observer.standing ?? DOWN;
    // Who says that it is the primary and is not followed has been replaced and does not know it yet.
    const isStale = role === 'primary' && observer !== this.current;
    return { name: nameOf(this.addressOf(index)), role: isStale ? 'unknown' : role, state };
  }

  private isEligible({ standing }: ServerObserver): boolean {
    return standing?.role === 'primary' && standing.timeline >= this.timelineMax;
  }

  private noteMove(index: number): void {
    if (this.last !== null && this.last !== index) {
      this.emit('moved', this.lostAt === null ? 0 : Date.now() - this.lostAt);
    }
    this.last = index;
    this.lostAt = null;
  }

  /** Connections to anybody but the current primary. */
  private endStrays(): void {
    const primary = this.primaryAddress();
    for (const [socket, to] of this.sockets) {
      if (typeof to !== 'function' && to !== primary) socket.destroy(new PrimaryLost(`${nameOf(to)} was lost`));
    }
  }

  private tell(): void {
    const primary = this.primaryAddress();
    if (primary === null) return;
    for (const [socket, waiting] of this.sockets) {
      if (typeof waiting !== 'function') continue;
      this.sockets.set(socket, primary);
      waiting(primary);
    }
  }

  private primaryAddress(): ServerAddress | null {
    return this.current === null ? null : this.addressOf(this.observers.indexOf(this.current));
  }

  private addressOf(index: number): ServerAddress {
    return this.url.servers[index] as ServerAddress;
  }
}

const byTimeline = (left: ServerObserver, right: ServerObserver): number =>
  (right.standing?.timeline ?? 0) - (left.standing?.timeline ?? 0);

const nameOf = ({ host, port }: ServerAddress): string => `${host}:${port}`;
