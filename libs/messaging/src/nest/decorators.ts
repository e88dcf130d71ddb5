import { SetMetadata } from '@nestjs/common';
import type { SqlTransaction } from '#database';
import type { JsonValue } from '../protocol/envelope.js';

/** A message as its handler sees it; `body` has passed the schema. */
export interface ReceivedMessage<Body> {
  readonly messageId: string;
  readonly dialogId: string;
  readonly sequence: number;
  readonly fromBroker: string;
  readonly sentAt: string;
  readonly body: Body;
}

/** An answer as the initiator's handler sees it: to the message `inReplyTo`, whose own body comes along. */
export interface ReceivedAnswer<Body, RequestBody> {
  readonly inReplyTo: string;
  readonly dialogId: string;
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

export interface MessageHandlerOptions {
  readonly type: string;
  readonly version: number;
  readonly schema: BodySchema;
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
 * Recoverable messages of one type that arrived together. Inbox rows, effects and answers commit in one transaction; a
 * handler that throws makes the messages be tried again one by one, so that a bad one fails alone.
 */
export const HandleMessages = <Body>(options: MessageHandlerOptions): Handler<HandlesMessages<Body>> =>
  SetMetadata(MESSAGE_HANDLER, { kind: 'messages', ...options });

/** Answers to messages of `type` that this service sent. `schema` is that of the answer. */
export const HandleAnswers = <Body, RequestBody>(
  options: MessageHandlerOptions,
): Handler<HandlesAnswers<Body, RequestBody>> => SetMetadata(MESSAGE_HANDLER, { kind: 'answers', ...options });

/** Express requests of one type. */
export const HandleExpress = <Body>(options: MessageHandlerOptions): Handler<HandlesExpress<Body>> =>
  SetMetadata(MESSAGE_HANDLER, { kind: 'express', ...options });
