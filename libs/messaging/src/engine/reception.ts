import { randomUUIDv7 } from 'node:crypto';
import { acknowledgementOf, type Answerer, answerTo, refusalOf } from '../protocol/answer.js';
import { type Posting, readBundle } from '../protocol/bundle.js';
import type { Envelope } from '../protocol/envelope.js';
import { requestQueue } from '../protocol/queue-names.js';
import type { Clock } from '../ports/clock.js';
import type { Logger } from '../ports/logger.js';
import type { FaultPoints } from '../ports/fault-points.js';
import { contextOf } from './arrived.js';
import type { Answers } from './answers.js';
import type { Counters } from './counters.js';
import type { DialogReceipt } from './dialog-inbox.js';
import type { Handlers } from './handlers.js';
import type { Express } from './express.js';
import type { Handshake } from './handshake.js';
import type { Quarantine } from './quarantine.js';
import type { Relay } from './relay.js';
import type { Retention } from './retention.js';

export interface ReceptionOptions {
  readonly broker: string;
  readonly quarantine: Quarantine;
  readonly handshake: Handshake;
  readonly answers: Answers;
  readonly express: Express;
  readonly handlers: Handlers;
  readonly retention: Retention;
  /** Takes back what somebody waits for. */
  readonly replies: Relay;
  /** Takes back the answers to messages. */
  readonly answersBack: Relay;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly faultPoints: FaultPoints;
  readonly counters: Counters;
}

/** Opens what comes from the channels and hands each envelope to whom it concerns. */
export class Reception {
  constructor(private readonly options: ReceptionOptions) {}

  /** Handles the data of one job. Answers leave together, after the last commit of the bundle. */
  async receive(data: unknown): Promise<void> {
    const { broker, counters } = this.options;
    const { envelopes, malformed } = readBundle(data);
    const ours = envelopes.filter(({ toBroker }) => toBroker === broker || toBroker === null);
    counters.misdirected += malformed + envelopes.length - ours.length;
    await this.answerTogether(ours, (envelope) => this.handle(envelope));
  }

  /** Applies messages that were parked and have become next. */
  applyParked(envelopes: readonly Envelope[]): Promise<void> {
    const { quarantine } = this.options;
    return this.answerTogether(envelopes, (envelope) => this.apply(envelope, quarantine.receiveInTurn(envelope)));
  }

  /** Applies messages that are parked after a failure. */
  retry(envelopes: readonly Envelope[]): Promise<void> {
    const { quarantine } = this.options;
    return this.answerTogether(envelopes, (envelope) => this.apply(envelope, quarantine.retry(envelope)));
  }

  private async answerTogether(
    envelopes: readonly Envelope[],
    handle: (envelope: Envelope) => Promise<Posting | null>,
  ): Promise<void> {
    const { faultPoints, replies, answersBack } = this.options;
    const postings = await Promise.all(envelopes.map(handle));
    const back = postings.filter((posting) => posting !== null);
    if (back.length === 0) return;
    await faultPoints.reach('inbox.after-commit');
    const isAnswer = ({ envelope }: Posting) => envelope.grade === 'answer';
    answersBack.post(back.filter(isAnswer));
    replies.post(back.filter((posting) => !isAnswer(posting)));
  }

  /** Resolves to the answer that has to go back, if any. */
  private async handle(envelope: Envelope): Promise<Posting | null> {
    const { quarantine, answers, express, retention, handshake, counters } = this.options;
    switch (envelope.grade) {
      case 'message': {
        if (this.isAstray(envelope)) return null;
        if (retention.isStale(envelope)) {
          counters.stale++;
          return null;
        }
        return this.apply(envelope, quarantine.receive(envelope));
      }
      case 'express':
        return answerTo(envelope, this.answerer(envelope), await express.serve(envelope));
      case 'answer':
        await answers.receive(envelope);
        return null;
      case 'express-answer':
        express.answered(envelope);
        return null;
      case 'retention':
        return retention.question(envelope);
      case 'retention-answer':
        await retention.answered(envelope);
        return null;
      case 'acknowledgement':
        return (await handshake.acknowledged(envelope)) === 'refuse'
          ? refusalOf(envelope, this.answerer(envelope))
          : null;
      case 'refusal':
        await handshake.refused(envelope);
        return null;
    }
  }

  /**
   * Whether it was led to a broker that does not have its service, by a wrong route: nothing must be kept here for it. What a target
   * sends is for an initiator, which needs no service.
   */
  private isAstray(envelope: Envelope): boolean {
    const { handlers, logger, counters } = this.options;
    if (envelope.dialog?.side === 'target' || handlers.serves(envelope.toService)) return false;
    counters.misdirected++;
    logger.warn({ ...contextOf(envelope), toService: envelope.toService }, 'message dropped: no such service here');
    return true;
  }

  private async apply(envelope: Envelope, applied: Promise<DialogReceipt>): Promise<Posting | null> {
    const receipt = await applied;
    switch (receipt.outcome) {
      case 'answered':
        return answerTo(envelope, this.answerer(envelope), receipt.answer);
      case 'unconfirmed':
        return acknowledgementOf(envelope, this.answerer(envelope));
      case 'refused':
      case 'stale':
      case 'failed':
      case 'parked':
      case 'dropped':
        return null;
    }
  }

  private answerer({ toService }: Envelope): Answerer {
    const { broker, clock } = this.options;
    return {
      messageId: randomUUIDv7(),
      fromBroker: broker,
      sentAt: new Date(clock.now()).toISOString(),
      replyTo: requestQueue(toService, broker),
    };
  }
}
