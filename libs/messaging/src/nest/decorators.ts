import { SetMetadata } from '@nestjs/common';
import type { SqlTransaction } from '#database';
import type { JsonValue } from '../protocol/envelope.js';
import type { FailurePolicy } from '../protocol/failures.js';

/** A message as its handler sees it; `body` has passed the schema. */
export interface ReceivedMessage<Body> {
  readonly messageId: string;
  readonly dialogId: string;
  readonly sequence: number;
  readonly fromBroker: string;
  readonly sentAt: string;
  /** W3C trace context that it came with. */
  readonly traceparent?: string | undefined;
  readonly body: Body;
}

/** An answer as the initiator's handler sees it: to the message `inReplyTo`, whose own body comes along. */
export interface ReceivedAnswer<Body, RequestBody> {
  readonly inReplyTo: string;
  readonly dialogId: string;
  /** W3C trace context that the message was sent with. */
  readonly traceparent?: string | undefined;
  readonly request: RequestBody;
  readonly body: Body;
}

/** Anything that validates like zod 4 (Standard Schema, standardschema.dev). */
export interface BodySchema {
  readonly '~standard': {
    readonly validate: (
      value: unknown,
    ) => { readonly value: unknown } | { readonly issues: readonly { readonly message: string }[] } | Promise<unknown>;
  };
}

/** Turns a body of one version into that of the next. */
export type Upcast = (body: JsonValue) => JsonValue;

export interface MessageHandlerOptions {
  readonly type: string;
  readonly version: number;
  /** Of `version`. */
  readonly schema: BodySchema;
}

export interface ServingHandlerOptions extends MessageHandlerOptions {
  /**
   * Lets the handler take older versions, too: `{ 1: toVersion2, 2: toVersion3 }` for a handler of version 3. Its answer is that
   * of its own version, so answers may gain members from one version to the next and lose none.
   */
  readonly upcasts?: Readonly<Record<number, Upcast>>;
}

export interface RecoverableHandlerOptions extends ServingHandlerOptions {
  /** Where it differs from `FAILURE_POLICY`. */
  readonly failures?: Partial<FailurePolicy>;
}

export const MESSAGE_SERVICE = Symbol('cashpoint:message-service');
export const MESSAGE_HANDLER = Symbol('cashpoint:message-handler');

/** Marks a provider as the endpoint of a service; its decorated methods are found by `MessagingModule`. */
export const MessageService = (service: string): ClassDecorator => SetMetadata(MESSAGE_SERVICE, service);

/** Signature of a method under `HandleMessages`: one answer per message, in order, all effects in `tx`. */
export type HandlesMessages<Body> = (
  messages: readonly ReceivedMessage<Body>[],
  tx: SqlTransaction,
) => Promise<JsonValue[]>;

/** Signature of a method under `HandleMessage`: its answer; all effects in `tx`. */
export type HandlesMessage<Body> = (message: ReceivedMessage<Body>, tx: SqlTransaction) => Promise<JsonValue>;

/** Signature under `HandleAnswers`: runs once per answered message, in the transaction that deletes it from the transmission queue. */
export type HandlesAnswers<Body, RequestBody> = (
  answers: readonly ReceivedAnswer<Body, RequestBody>[],
  tx: SqlTransaction,
) => Promise<void>;

/** Signature under `HandleExpress`: must only read; may run any number of times. */
export type HandlesExpress<Body> = (body: Body) => Promise<JsonValue>;

type Handler<Signature> = <T extends Signature>(
  target: object,
  key: string | symbol,
  descriptor: TypedPropertyDescriptor<T>,
) => void;

/**
 * A recoverable message of one type. Inbox row, effect and answer commit in one transaction. Where the handler throws, the
 * message is tried again as its `FailurePolicy` says, and parked in the end.
 */
export const HandleMessage = <Body>(options: RecoverableHandlerOptions): Handler<HandlesMessage<Body>> =>
  SetMetadata(MESSAGE_HANDLER, { kind: 'messages', single: true, ...options });

/**
 * The same for those that arrived together, in one transaction: for messages that come in great numbers. Where the handler
 * throws, they are tried one by one, so that a bad one fails alone.
 */
export const HandleMessages = <Body>(options: RecoverableHandlerOptions): Handler<HandlesMessages<Body>> =>
  SetMetadata(MESSAGE_HANDLER, { kind: 'messages', ...options });

/** Answers to messages of `type` that this service sent. `schema` is that of the answer. */
export const HandleAnswers = <Body, RequestBody>(
  options: MessageHandlerOptions,
): Handler<HandlesAnswers<Body, RequestBody>> => SetMetadata(MESSAGE_HANDLER, { kind: 'answers', ...options });

/** Express requests of one type. */
export const HandleExpress = <Body>(options: ServingHandlerOptions): Handler<HandlesExpress<Body>> =>
  SetMetadata(MESSAGE_HANDLER, { kind: 'express', ...options });
