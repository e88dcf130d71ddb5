import { isTraceparent } from '#tracing';
import type { DialogHeader } from './dialog/index.js';
import type { Envelope } from './envelope.js';
import { groupBy } from './group-by.js';

/** An envelope and the queue that it has to be put on. */
export interface Posting {
  readonly queue: string;
  readonly envelope: Envelope;
  /** Names of the channels that lead there, as its route has them; none or empty: all do. */
  readonly channels?: readonly string[];
  /** From 1; a later attempt prefers another channel, since the one before may have swallowed it. */
  readonly attempt?: number;
}

/** Envelopes that travel as one job. */
export interface Bundle {
  readonly envelopes: readonly Envelope[];
  /** Identifies a canary: a bundle without envelopes that its sender puts on a channel to see it come back. */
  readonly canary?: string;
}

/** Bundles that go the same way. */
export interface Consignment {
  readonly queue: string;
  readonly channels: readonly string[];
  readonly attempt: number;
  readonly bundles: readonly Bundle[];
}

/** Most envelopes in one bundle: larger ones save little and make a reader's transaction long. */
export const BUNDLE_ENVELOPES_MAX = 200;

/** Sorts postings by the way they go, in their order, into as few bundles as may be. */
export function consignments(postings: readonly Posting[]): Consignment[] {
  return [...groupBy(postings, wayOf).values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    const { queue, channels = [], attempt = 1 } = first;
    return [{ queue, channels, attempt, bundles: bundles(group.map(({ envelope }) => envelope)) }];
  });
}

/** Names of queues and channels contain no spaces. */
const wayOf = ({ queue, channels = [], attempt = 1 }: Posting) =>
  channels.length === 0 && attempt === 1 ? queue : [queue, attempt, ...channels].join(' ');

function bundles(envelopes: readonly Envelope[]): Bundle[] {
  const count = Math.ceil(envelopes.length / BUNDLE_ENVELOPES_MAX);
  return Array.from({ length: count }, (_, index) => ({
    envelopes: envelopes.slice(index * BUNDLE_ENVELOPES_MAX, (index + 1) * BUNDLE_ENVELOPES_MAX),
  }));
}

/** The canary that a job is, or null. */
export function canaryOf(data: unknown): string | null {
  const canary: unknown = (data as { canary?: unknown } | null)?.canary;
  return typeof canary === 'string' ? canary : null;
}

/** What of a job's data is a bundle; anybody may write to a channel, so nothing is taken for granted. */
export function readBundle(data: unknown): { readonly envelopes: readonly Envelope[]; readonly malformed: number } {
  const items: unknown = (data as { envelopes?: unknown } | null)?.envelopes;
  if (!Array.isArray(items)) return { envelopes: [], malformed: 1 };
  const envelopes = items.filter(isEnvelope);
  return { envelopes, malformed: items.length - envelopes.length };
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** Whether `value` is a UUID of any version in its canonical form (RFC 9562: lower case), as PostgreSQL gives it back. */
export const isUuid = (value: unknown): value is string => typeof value === 'string' && UUID.test(value);

const GRADES: ReadonlySet<unknown> = new Set<Envelope['grade']>([
  'message',
  'answer',
  'express',
  'express-answer',
  'retention',
  'retention-answer',
  'acknowledgement',
  'refusal',
]);

const TEXTS = ['type', 'fromService', 'fromBroker', 'toService', 'replyTo', 'sentAt'] as const;

function isEnvelope(value: unknown): value is Envelope {
  if (typeof value !== 'object' || value === null) return false;
  const one = value as Partial<Record<keyof Envelope, unknown>>;
  return (
    isUuid(one.messageId) &&
    isUuid(one.dialogId) &&
    (one.inReplyTo === undefined || isUuid(one.inReplyTo)) &&
    GRADES.has(one.grade) &&
    isPositiveInteger(one.sequence) &&
    isPositiveInteger(one.version) &&
    TEXTS.every((key) => typeof one[key] === 'string') &&
    isAddress(one) &&
    (one.again === undefined || isAgain(one.again)) &&
    (one.traceparent === undefined || isTraceparent(one.traceparent)) &&
    one.body !== undefined
  );
}

/** Only what is harmless at any broker may leave its broker open. */
function isAddress({ toBroker, dialog, grade }: Partial<Record<keyof Envelope, unknown>>): boolean {
  const { side, locked } = (dialog ?? {}) as Partial<Record<keyof DialogHeader, unknown>>;
  const isHeader = (side === 'initiator' || side === 'target') && typeof locked === 'boolean';
  if (dialog !== undefined && !isHeader) return false;
  if (typeof toBroker === 'string') return true;
  return toBroker === null && (grade === 'express' || (grade === 'message' && locked === false));
}

function isAgain(value: unknown): boolean {
  const { attempt, at } = (value ?? {}) as Partial<Record<'attempt' | 'at', unknown>>;
  return isPositiveInteger(attempt) && typeof at === 'string';
}

/** Also within what PostgreSQL's `integer` holds. */
export const isPositiveInteger = (value: unknown): value is number =>
  Number.isInteger(value) && Number(value) >= 1 && Number(value) <= 0x7fff_ffff;
