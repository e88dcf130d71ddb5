import { PendingRequests } from '../src/protocol/express.js';
import { expressAnswerQueue, requestQueue } from '../src/protocol/queue-names.js';
import type { Parcel, Posting } from './parcel.js';
import type { Replica } from './replica.js';

/** How often lost attempts are looked for, milliseconds, while requests are pending. */
const LOOK_MS = 250;

const LIMITS = { attemptTimeoutMs: 500, attemptsMax: 4 };

/** Express requests: asked and re-sent from memory, gone with the process; served without an inbox. */
export class Asking {
  private readonly pending = new PendingRequests<{ readonly id: string; readonly posting: Posting }>();

  constructor(private readonly replica: Replica) {}

  ask(toService: string, toBroker: string): void {
    const { broker, name, random } = this.replica;
    const id = random.uuid();
    const replyTo = expressAnswerQueue(broker.name, name);
    const parcel = { kind: 'express', messageId: id, replyTo, fromBroker: broker.name, toBroker } as const;
    const posting = { queue: requestQueue(toService, toBroker), parcel };
    if (this.pending.isEmpty) this.look();
    this.pending.open(id, { id, posting }, LIMITS, this.replica.now());
    this.replica.see({ kind: 'asked', request: id });
    this.replica.sender.post([posting]);
  }

  serve({ messageId: inReplyTo, replyTo, fromBroker: toBroker }: Extract<Parcel, { kind: 'express' }>): void {
    const { broker } = this.replica;
    const body = broker.handler.serve();
    this.replica.see({ kind: 'served', request: inReplyTo, answer: body });
    const parcel = { kind: 'express-answer', inReplyTo, fromBroker: broker.name, toBroker, body } as const;
    this.replica.sender.post([{ queue: replyTo, parcel }]);
  }

  answered(inReplyTo: string, answer: string): void {
    if (this.pending.close(inReplyTo) !== undefined) {
      this.replica.see({ kind: 'settled', request: inReplyTo, answer });
    }
  }

  /** The process dies, and whoever asked with it. */
  forget(): void {
    for (const { copy } of this.pending.closeAll()) this.replica.see({ kind: 'forgotten', request: copy.id });
  }

  private look(): void {
    this.replica.later(LOOK_MS, () => {
      const { again, givenUp } = this.pending.expire(this.replica.now());
      this.replica.sender.post(again.map(({ copy }) => copy.posting));
      for (const { copy } of givenUp) this.replica.see({ kind: 'settled', request: copy.id, answer: null });
      if (!this.pending.isEmpty) this.look();
    });
  }
}
