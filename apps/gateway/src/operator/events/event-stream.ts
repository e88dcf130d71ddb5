import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import { Inject, Injectable, type BeforeApplicationShutdown } from '@nestjs/common';
import type { Logger } from 'pino';
import type { OperatorEvent } from '#contracts';
import { Problem } from '#platform';
import { LOGGER } from '../../config.js';
import { ClusterCensus } from '../cluster-census.js';
import { EventLog, type LoggedEvent } from './event-log.js';
import { Money } from './money.js';
import { Sampler } from './sampler.js';

const LISTENERS_MAX = 32;

/** Somebody who takes in nothing is left behind at this, bytes, and comes back with the id of what was seen last. */
const UNREAD_BYTES_MAX = 1_048_576;

/** A comment after so much silence keeps the connection open on the way, milliseconds. */
const HEARTBEAT_MS = 15_000;

/** How long the looking goes on without a listener, so that one who comes back at once has missed nothing; milliseconds. */
const LINGER_MS = 5_000;

/** The cluster's events for any number of listeners: one sampler for all of them, which runs only while there are any. */
@Injectable()
export class EventStream implements BeforeApplicationShutdown {
  private readonly listeners = new Set<Listener>();
  private running: { readonly sampler: Sampler; readonly log: EventLog } | null = null;
  private lingering: NodeJS.Timeout | undefined;

  constructor(
    private readonly census: ClusterCensus,
    private readonly money: Money,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** The body of an answer in `text/event-stream`. Throws 503 where there are too many already. */
  open(lastEventId: string | null): Readable {
    if (this.listeners.size >= LISTENERS_MAX) {
      throw new Problem('unavailable', 'Too many listen to this gateway already; another one will do.', {}, 5);
    }
    clearTimeout(this.lingering);
    const { log } = (this.running ??= this.start());
    const listener = new Listener(() => this.leave(listener));
    this.listeners.add(listener);
    listener.greet();
    for (const event of log.since(lastEventId)) listener.tell(event);
    return listener.body;
  }

  /** Listeners go to another gateway; an answer without an end would keep this one from closing. */
  beforeApplicationShutdown(): void {
    for (const listener of this.listeners) listener.end();
    this.stop();
  }

  private start() {
    const log = new EventLog(randomUUID().slice(0, 8));
    const tell = (event: OperatorEvent) => {
      const logged = log.append(event);
      for (const listener of this.listeners) listener.tell(logged);
    };
    const sampler = new Sampler(
      {
        takeCensus: () => this.census.take(),
        readMoney: () => this.money.read(),
        onFault: (error) => this.logger.warn({ err: error }, 'the cluster could not be looked at'),
      },
      tell,
    );
    return { sampler, log };
  }

  private leave(listener: Listener): void {
    this.listeners.delete(listener);
    if (this.listeners.size > 0) return;
    clearTimeout(this.lingering);
    this.lingering = setTimeout(() => this.stop(), LINGER_MS).unref();
  }

  private stop(): void {
    clearTimeout(this.lingering);
    this.running?.sampler.stop();
    this.running = null;
  }
}

/** One connection, in the format of the HTML standard, "Server-sent events". */
class Listener {
  readonly body: Readable;
  private readonly heartbeat: NodeJS.Timeout;

  constructor(onClose: () => void) {
    this.body = new Readable({ read: () => undefined });
    this.heartbeat = setInterval(() => this.write(':\n\n'), HEARTBEAT_MS);
    this.body.once('close', () => {
      clearInterval(this.heartbeat);
      onClose();
    });
    // A connection that breaks is no fault of ours.
    this.body.on('error', () => undefined);
  }

  /** How soon to come back, milliseconds. */
  greet(): void {
    this.write('retry: 500\n\n');
  }

  tell({ id, kind, data }: LoggedEvent): void {
    this.write(`id: ${id}\nevent: ${kind}\ndata: ${JSON.stringify(data)}\n\n`);
  }

  end(): void {
    this.body.push(null);
  }

  private write(text: string): void {
    if (this.body.destroyed) return;
    if (this.body.readableLength + text.length > UNREAD_BYTES_MAX) this.body.destroy();
    else this.body.push(text);
    this.heartbeat.refresh();
  }
}
