import { randomUUIDv7 } from 'node:crypto';
import type { ExpressOutcome, ExpressRequest } from '../messaging.js';
import { type TraceContext } from '#tracing';
import type { Clock } from '../ports/clock.js';
import type { Logger } from '../ports/logger.js';
import type { Posting } from '../protocol/bundle.js';
import type { Envelope } from '../protocol/envelope.js';
import { type ExpressReply, type Pending, PendingRequests, readExpressReply } from '../protocol/express.js';
import { expressAnswerQueue } from '../protocol/queue-names.js';
import type { Counters } from './counters.js';
import { type Handlers, upcastBody } from './handlers.js';
import type { Outgoing } from './outgoing.js';
import type { Relay } from './relay.js';
import type { Sightings } from './sightings.js';

/** How often lost attempts are looked for, milliseconds, while requests are pending. */
const LOOK_MS = 50;

interface Copy {
  readonly posting: Posting;
  readonly settle: (outcome: ExpressOutcome) => void;
}

export interface ExpressOptions {
  readonly broker: string;
  readonly replica: string;
  readonly relay: Relay;
  readonly outgoing: Outgoing;
  readonly handlers: Handlers;
  readonly sightings: Sightings;
  readonly traces: TraceContext;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly counters: Counters;
}

/** Express requests: asked here and sent again from memory; answered here without an inbox. */
export class Express {
  private readonly pending = new PendingRequests<Copy>();
  private cancelLook: (() => void) | null = null;
  private closed = false;

  constructor(private readonly options: ExpressOptions) {}

  async request(request: ExpressRequest): Promise<ExpressOutcome> {
    if (this.closed) return { outcome: 'timed-out', attempts: 0 };
    let posting: Posting;
    try {
      posting = this.posting(request);
    } catch (error) {
      return { outcome: 'error', reason: (error as Error).message, attempts: 0 };
    }
    return new Promise((settle) => {
      this.pending.open(posting.envelope.messageId, { posting, settle }, request, this.options.clock.now());
      this.options.relay.post([posting]);
      this.options.sightings.note('sent', posting.envelope.messageId, 1);
      this.cancelLook ??= this.options.clock.after(LOOK_MS, () => this.look());
    });
  }

  /** An `express-answer` has arrived. */
  answered({ inReplyTo, body }: Envelope): void {
    const request = inReplyTo === undefined ? undefined : this.pending.close(inReplyTo);
    if (inReplyTo !== undefined) {
      this.options.sightings.note(request === undefined ? 'answered-late' : 'answered', inReplyTo);
    }
    if (request === undefined) {
      this.options.counters.lateAnswers++;
      return;
    }
    const { attempts, copy } = request;
    const reply = readExpressReply(body);
    copy.settle(
      'answer' in reply
        ? { outcome: 'answered', body: reply.answer, attempts }
        : { outcome: 'error', reason: reply.error, attempts },
    );
  }

  /** What to answer to an express request. Never rejects. */
  serve(envelope: Envelope): Promise<ExpressReply> {
    this.options.sightings.note('served', envelope.messageId);
    return this.options.traces.run(envelope.traceparent, () => this.serveTraced(envelope));
  }

  private async serveTraced({ toService, type, version, body, messageId }: Envelope): Promise<ExpressReply> {
    try {
      const handler = this.options.handlers.find('express', toService, type, version);
      if (handler === undefined) return { error: 'no handler for this type and version' };
      return { answer: await handler.handle(await upcastBody(handler, version, body)) };
    } catch (error) {
      this.options.logger.warn({ messageId, type, version, err: error }, 'express request failed');
      return { error: (error as Error).message };
    }
  }

  /** Nobody will read answers any more. */
  close(): void {
    this.closed = true;
    this.cancelLook?.();
    this.giveUp(this.pending.closeAll());
  }

  private posting(request: ExpressRequest): Posting {
    const { broker, replica, outgoing, clock } = this.options;
    const { fromService, toService, type, version, body } = request;
    const { messageId = randomUUIDv7() } = request;
    const address = outgoing.addressOf({ service: toService, broker: request.toBroker, key: messageId });
    if (address === null) throw new Error(`no route leads to service ${toService}`);
    const { toBroker, ...way } = address;
    const traceparent = outgoing.traceOf(undefined);
    return {
      ...way,
      envelope: {
        messageId,
        dialogId: messageId,
        sequence: 1,
        grade: 'express',
        type,
        version,
        fromService,
        fromBroker: broker,
        toService,
        toBroker,
        replyTo: expressAnswerQueue(broker, replica),
        sentAt: new Date(clock.now()).toISOString(),
        ...(traceparent === null ? {} : { traceparent }),
        body,
      },
    };
  }

  private look(): void {
    const { clock, relay, sightings } = this.options;
    const { again, givenUp } = this.pending.expire(clock.now());
    relay.post(again.map(({ copy, attempts }) => ({ ...copy.posting, attempt: attempts })));
    for (const { copy, attempts } of again) sightings.note('sent-again', copy.posting.envelope.messageId, attempts);
    this.giveUp(givenUp);
    this.cancelLook = this.pending.isEmpty ? null : clock.after(LOOK_MS, () => this.look());
  }

  private giveUp(requests: readonly Pending<Copy>[]): void {
    for (const { attempts, copy } of requests) copy.settle({ outcome: 'timed-out', attempts });
  }
}
