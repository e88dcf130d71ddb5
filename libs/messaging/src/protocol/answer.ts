import type { Envelope, JsonValue } from './envelope.js';
import type { Posting } from './bundle.js';

/** What the one who answers says of itself. */
export interface Answerer {
  readonly messageId: string;
  readonly fromBroker: string;
  readonly sentAt: string;
  readonly replyTo: string;
}

/** The answer to `request`, on its way to the queue on which the request's sender reads answers. */
export const answerTo = (request: Envelope, answerer: Answerer, body: JsonValue): Posting =>
  reply(request, answerer, request.grade === 'express' ? 'express-answer' : 'answer', body);

/** Says that `message` is kept at this broker, and will be applied when the initiator has confirmed that it is the one. */
export const acknowledgementOf = (message: Envelope, answerer: Answerer): Posting =>
  reply(message, answerer, 'acknowledgement', null);

/** Says to the broker that sent `acknowledgement` that the dialog is not its own. */
export const refusalOf = (acknowledgement: Envelope, answerer: Answerer): Posting =>
  reply(acknowledgement, answerer, 'refusal', null);

function reply(request: Envelope, answerer: Answerer, grade: Envelope['grade'], body: JsonValue): Posting {
  return {
    queue: request.replyTo,
    envelope: {
      ...answerer,
      dialogId: request.dialogId,
      sequence: request.sequence,
      grade,
      type: request.type,
      version: request.version,
      fromService: request.toService,
      toService: request.fromService,
      toBroker: request.fromBroker,
      inReplyTo: request.messageId,
      ...(request.traceparent === undefined ? {} : { traceparent: request.traceparent }),
      body,
    },
  };
}
