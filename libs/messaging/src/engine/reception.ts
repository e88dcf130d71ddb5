import { v7 as uuid } from 'uuid';
import { answerTo } from '../protocol/answer.js';
import { type Posting, readBundle } from '../protocol/bundle.js';
import type { Envelope, JsonValue } from '../protocol/envelope.js';
import { requestQueue } from '../protocol/queue-names.js';
import type { Clock } from '../ports/clock.js';
import type { FaultPoints } from '../ports/fault-points.js';
import type { Answers } from './answers.js';
import type { Counters } from './counters.js';
import type { Express } from './express.js';
import type { Inbox } from './inbox.js';
import type { Relay } from './relay.js';

export interface ReceptionOptions {
  readonly broker: string;
  readonly inbox: Inbox;
  readonly answers: Answers;
  readonly express: Express;
  /** Takes the answers back. */
  readonly replies: Relay;
  readonly clock: Clock;
  readonly faultPoints: FaultPoints;
  readonly counters: Counters;
}

/** Opens what comes from the channels and hands each envelope to whom it concerns. */
export class Reception {
  constructor(private readonly options: ReceptionOptions) {}

  /** Handles the data of one job. Answers leave together, after the last commit of the bundle. */
  async receive(data: unknown): Promise<void> {
    const { broker, counters, faultPoints, replies } = this.options;
    const { envelopes, malformed } = readBundle(data);
    const ours = envelopes.filter(({ toBroker }) => toBroker === broker);
    counters.misdirected += malformed + envelopes.length - ours.length;
    const postings = await Promise.all(ours.map((envelope) => this.handle(envelope)));
    const answers = postings.filter((posting) => posting !== null);
    if (answers.length === 0) return;
    await faultPoints.reach('inbox.after-commit');
    replies.post(answers);
  }

  /** Resolves to the answer that has to go back, if any. */
  private async handle(envelope: Envelope): Promise<Posting | null> {
    const { inbox, answers, express } = this.options;
    switch (envelope.grade) {
      case 'message': {
        const receipt = await inbox.receive(envelope);
        return receipt.outcome === 'answered' ? this.answer(envelope, receipt.answer) : null;
      }
      case 'express':
        return this.answer(envelope, await express.serve(envelope));
      case 'answer':
        await answers.receive(envelope);
        return null;
      case 'express-answer':
        express.answered(envelope);
        return null;
    }
  }

  private answer(request: Envelope, body: JsonValue): Posting {
    return answerTo(request, {
      messageId: uuid(),
      body,
      sentAt: new Date(this.options.clock.now()).toISOString(),
      replyTo: requestQueue(request.toService, this.options.broker),
    });
  }
}
