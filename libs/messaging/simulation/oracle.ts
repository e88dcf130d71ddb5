import type { Ending, Observation, Side } from './observation.js';

/** What messaging promises to applications, one rule each. */
export const RULES = [
  /** What is applied was sent, on this dialog, from this end. */
  'never-sent',
  'applied-twice',
  /** Each end applies what the other sent in the order of sending, without gaps. */
  'out-of-order',
  /** One end of a dialog is at one broker. */
  'two-brokers',
  /** Where the application named a broker, it is that one. */
  'wrong-broker',
  /** An end that was told that the other has ended the dialog applies nothing more. */
  'applied-after-end',
  /** An end is told that the other ended when it has applied everything that the other sent. */
  'end-too-early',
  /** An end is told, once, of the end that the other end made, and of no other. */
  'ends-disagree',
  /** The answer is the one that the effect gave. */
  'answer-differs',
  'answered-twice',
  /** Once everything works again: all that was sent is applied, also by an end that has ended the dialog meanwhile. */
  'never-applied',
  /** Once everything works again: all that was applied is answered. */
  'never-answered',
] as const;

export type Rule = (typeof RULES)[number];

export interface Violation {
  readonly rule: Rule;
  readonly detail: string;
}

interface Message {
  readonly dialog: string;
  readonly side: Side;
  readonly broker: string;
  readonly toBroker: string | null;
  /** Position among what this end sent, from 0. */
  readonly index: number;
  applied: { readonly broker: string; readonly answer: string } | null;
  answered: boolean;
}

interface End {
  sent: number;
  /** How many of the far end's messages this end has applied. */
  applied: number;
  /** Where this end applies messages. */
  broker: string | null;
  ended: { readonly ending: Ending } | null;
  told: boolean;
}

interface Request {
  readonly answers: Set<string>;
  over: boolean;
}

/**
 * Judges a history by what applications saw. Knows no message ids, sequences, acknowledgements or rows, and shares no code
 * with the protocol: it counts for itself.
 */
export class Oracle {
  readonly violations: Violation[] = [];
  private readonly messages = new Map<string, Message>();
  private readonly dialogs = new Map<string, Record<Side, End>>();
  private readonly requests = new Map<string, Request>();

  see(observation: Observation): void {
    switch (observation.kind) {
      case 'sent':
        return this.sent(observation);
      case 'applied':
        return this.applied(observation);
      case 'answered':
        return this.answered(observation);
      case 'ended':
        this.end(observation.dialog, observation.side).ended ??= { ending: observation.ending };
        return;
      case 'far-ended':
        return this.farEnded(observation);
      case 'asked':
        this.requests.set(observation.request, { answers: new Set(), over: false });
        return;
      case 'served':
        this.requests.get(observation.request)?.answers.add(observation.answer);
        return;
      case 'settled':
        return this.settled(observation);
      case 'forgotten':
        this.requests.delete(observation.request);
        return;
    }
  }

  /** To be called when everything has worked for long enough. */
  judgeAtRest(): void {
    for (const [payload, { applied, answered }] of this.messages) {
      if (applied === null) this.violated('never-applied', payload);
      if (applied !== null && !answered) this.violated('never-answered', payload);
    }
    for (const [dialog, ends] of this.dialogs) {
      for (const side of ['initiator', 'target'] as const) {
        if (ends[side].ended !== null && !ends[opposite(side)].told) {
          this.violated('ends-disagree', `${opposite(side)} of ${dialog} was never told of its end`);
        }
      }
    }
    for (const [request, { over }] of this.requests) if (!over) this.violated('never-answered', request);
  }

  private sent({ dialog, side, broker, payload, toBroker }: Extract<Observation, { kind: 'sent' }>): void {
    const index = this.end(dialog, side).sent++;
    this.messages.set(payload, { dialog, side, broker, toBroker, index, applied: null, answered: false });
  }

  private applied({ dialog, side, broker, payload, answer }: Extract<Observation, { kind: 'applied' }>): void {
    const message = this.messages.get(payload);
    if (message?.dialog !== dialog || message.side !== side) return this.violated('never-sent', payload);
    const receiver = this.end(dialog, opposite(side));
    receiver.broker ??= broker;
    if (receiver.broker !== broker) this.violated('two-brokers', `${payload} at ${broker} and ${receiver.broker}`);
    else if (message.applied !== null) this.violated('applied-twice', `${payload} at ${broker}`);
    else if (message.index !== receiver.applied) {
      this.violated('out-of-order', `${payload} is number ${message.index + 1}, but ${receiver.applied} were applied`);
    }
    if (message.toBroker !== null && message.toBroker !== broker)
      this.violated('wrong-broker', `${payload} at ${broker}`);
    if (receiver.told) this.violated('applied-after-end', payload);
    receiver.applied++;
    message.applied ??= { broker, answer };
  }

  private answered({ payload, broker, answer }: Extract<Observation, { kind: 'answered' }>): void {
    const message = this.messages.get(payload);
    if (message === undefined || message.broker !== broker) return this.violated('never-sent', `${payload} (answered)`);
    if (message.answered) this.violated('answered-twice', payload);
    if (message.applied?.answer !== answer) this.violated('answer-differs', payload);
    message.answered = true;
  }

  private farEnded({ dialog, side, ending }: Extract<Observation, { kind: 'far-ended' }>): void {
    const here = this.end(dialog, side);
    const far = this.end(dialog, opposite(side));
    if (far.ended?.ending !== ending) {
      this.violated('ends-disagree', `${side} of ${dialog} was told ${ending}, not ${far.ended?.ending}`);
    }
    if (here.told) this.violated('ends-disagree', `${side} of ${dialog} was told twice`);
    if (here.applied < far.sent) {
      this.violated('end-too-early', `${side} of ${dialog} has applied ${here.applied} of ${far.sent}`);
    }
    here.told = true;
  }

  private settled({ request, answer }: Extract<Observation, { kind: 'settled' }>): void {
    const asked = this.requests.get(request);
    if (asked === undefined) return this.violated('never-sent', `${request} (answered)`);
    if (asked.over) this.violated('answered-twice', request);
    if (answer !== null && !asked.answers.has(answer)) this.violated('answer-differs', request);
    asked.over = true;
  }

  private end(dialog: string, side: Side): End {
    let ends = this.dialogs.get(dialog);
    if (ends === undefined) {
      ends = { initiator: newEnd(), target: newEnd() };
      this.dialogs.set(dialog, ends);
    }
    return ends[side];
  }

  private violated(rule: Rule, detail: string): void {
    this.violations.push({ rule, detail });
  }
}

const newEnd = (): End => ({ sent: 0, applied: 0, broker: null, ended: null, told: false });

const opposite = (side: Side): Side => (side === 'initiator' ? 'target' : 'initiator');
