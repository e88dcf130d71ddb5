import { isUuid, type Posting } from './bundle.js';
import type { Envelope, JsonValue } from './envelope.js';
import { answerQueue } from './queue-names.js';

/** How long a target remembers what it has applied. */
export interface RetentionPolicy {
  /**
   * Copies of a message that were put on a channel longer ago than this are dropped on arrival, milliseconds. Only has to be
   * longer than a message usually travels: what is dropped too early comes again.
   */
  readonly channelLifetimeMs: number;
  /** Clocks of two machines differ by no more than this, milliseconds. */
  readonly clockSkewMsMax: number;
}

export const RETENTION_POLICY: RetentionPolicy = { channelLifetimeMs: 600_000, clockSkewMsMax: 60_000 };

/** After the source has said that it threw a message away, no copy of it is accepted any more when this has passed, milliseconds. */
export const forgetAfterMs = ({ channelLifetimeMs, clockSkewMsMax }: RetentionPolicy) =>
  channelLifetimeMs + clockSkewMsMax;

/** Whether a copy has been on its way for so long that its target may have forgotten the message. */
export function isStale(envelope: Pick<Envelope, 'sentAt' | 'again'>, now: number, policy: RetentionPolicy): boolean {
  const age = now - Date.parse(envelope.again?.at ?? envelope.sentAt);
  return !(age <= policy.channelLifetimeMs);
}

/** Most ids in one answer; a source that keeps more (its target was away for long) answers that it has too many. */
export const KEPT_IDS_MAX = 5_000;

/** What a source still has for the broker that asks; null where that is too much to say. */
export type Kept = readonly string[] | null;

interface Between {
  readonly messageId: string;
  readonly fromBroker: string;
  readonly toBroker: string;
  readonly sentAt: string;
}

/** From a target to a source: which messages for me do you still have? Everything else I have from you need not be remembered. */
export const retentionQuestion = (question: Between): Posting => control({ ...question, grade: 'retention' }, null);

/** From the source: the ids of these messages, and of their dialogs. */
export const retentionAnswer = (question: Envelope, answer: Between, kept: Kept): Posting =>
  control({ ...answer, grade: 'retention-answer', inReplyTo: question.messageId }, { kept });

/** Reads the body of an answer; null also where it is not one. */
export function readKept(body: JsonValue): Kept {
  const kept = (body as { readonly kept?: unknown } | null)?.kept;
  return Array.isArray(kept) && kept.every(isUuid) ? kept : null;
}

/** Control envelopes go to the queue that any replica of the broker reads. They belong to no service. */
function control(
  head: Between & { readonly grade: 'retention' | 'retention-answer'; readonly inReplyTo?: string },
  body: JsonValue,
): Posting {
  return {
    queue: answerQueue(head.toBroker),
    envelope: {
      ...head,
      dialogId: head.messageId,
      sequence: 1,
      type: 'messaging.retention',
      version: 1,
      fromService: '',
      toService: '',
      replyTo: answerQueue(head.fromBroker),
      body,
    },
  };
}
