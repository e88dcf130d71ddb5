import type { SqlTransaction } from '#database';
import { type TraceContext, traceIdOf } from '#tracing';
import type { ReceivedMessage } from '../nest/decorators.js';
import type { QueuedMessage } from '../ports/store.js';
import { isEnding } from '../protocol/dialog/index.js';
import type { Envelope, JsonValue } from '../protocol/envelope.js';
import { fingerprint } from '../protocol/fingerprint.js';
import { type HandlerOf, type Handlers, upcastBody } from './handlers.js';

/** A message that may be applied, as far as can be told without the database. */
export interface Arrived {
  readonly envelope: Envelope;
  readonly fingerprint: string;
  readonly handler: HandlerOf<'messages'>;
  readonly message: ReceivedMessage<unknown>;
  /** It was parked here, and its turn has come. */
  readonly isParked: boolean;
}

/** Throws where nobody handles the message or its body is not what the handler expects. */
export async function admit(envelope: Envelope, isParked: boolean, handlers: Handlers): Promise<Arrived> {
  const { messageId, dialogId, sequence, fromBroker, sentAt, version, traceparent } = envelope;
  const handler = handlerOf(envelope, handlers);
  if (handler === undefined) throw new Error('no handler for this type and version');
  const body = await upcastBody(handler, version, envelope.body);
  const message = { messageId, dialogId, sequence, fromBroker, sentAt, traceparent, body };
  return { envelope, fingerprint: fingerprint(envelope), handler, message, isParked };
}

/** Who does not care how a dialog ends need not say so. */
function handlerOf({ toService, type, version, dialog }: Envelope, handlers: Handlers) {
  const handler = handlers.find('messages', toService, type, version);
  return handler ?? (dialog !== undefined && isEnding(type) ? UNHEEDED_END : undefined);
}

const UNHEEDED_END: HandlerOf<'messages'> = {
  kind: 'messages',
  service: '',
  type: 'messaging.end',
  version: 1,
  schema: { '~standard': { validate: (value) => ({ value }) } },
  handle: (messages) => Promise.resolve(messages.map(() => null)),
};

/** Answers by message id. Throws where the handler does, or does not answer each message. */
export async function callHandler(
  traces: TraceContext,
  handler: HandlerOf<'messages'>,
  group: readonly Arrived[],
  tx: SqlTransaction,
): Promise<[messageId: string, answer: JsonValue][]> {
  const messages = group.map(({ message }) => message);
  const results = await traces.run(sharedTrace(messages), () => handler.handle(messages, tx));
  if (results.length !== group.length) {
    throw new Error(`handler of ${handler.type} answered ${results.length} of ${group.length} messages`);
  }
  return group.map(({ envelope }, index) => [envelope.messageId, results[index] ?? null]);
}

/** The trace of all of them; undefined where they belong to several, since work for several belongs to none. */
export function sharedTrace(items: readonly { readonly traceparent?: string | undefined }[]): string | undefined {
  const traceparent = items[0]?.traceparent;
  return items.every((item) => item.traceparent === traceparent) ? traceparent : undefined;
}

/** A copy has become too old while it waited to be applied: what it says may have been applied and forgotten. */
export class StaleCopy extends Error {}

/**
 * Throws `StaleCopy`. To be called after the inbox was asked: if a copy is young enough then, nothing had been forgotten when it
 * was. What is still parked cannot have been forgotten, since its source has it.
 */
export function refuseStale(
  fresh: readonly Arrived[],
  isParked: (messageId: string) => boolean,
  isStale: (envelope: Envelope) => boolean,
): void {
  const stale = fresh.find(({ envelope }) => !isParked(envelope.messageId) && isStale(envelope));
  if (stale !== undefined) throw new StaleCopy(`copy of ${stale.envelope.messageId} is too old`);
}

/** A bundle may hold a message twice, and two bundles may bring the same one. */
export function firstById(batch: readonly Arrived[]): Map<string, Arrived> {
  const first = new Map<string, Arrived>();
  for (const arrived of batch) {
    if (!first.has(arrived.envelope.messageId)) first.set(arrived.envelope.messageId, arrived);
  }
  return first;
}

/** What the log says of a message. */
export function contextOf(message: LoggedMessage) {
  const { messageId, dialogId, type, version, traceparent } = message;
  const from = 'fromBroker' in message ? { fromBroker: message.fromBroker } : { toBroker: message.toBroker };
  const trace = typeof traceparent === 'string' ? { traceId: traceIdOf(traceparent) } : {};
  return { messageId, dialogId, type, version, ...from, ...trace };
}

type LoggedMessage = Envelope | QueuedMessage;
