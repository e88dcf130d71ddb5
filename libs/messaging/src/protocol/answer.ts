import type { Envelope, JsonValue } from './envelope.js';
import type { Posting } from './bundle.js';

/** The answer to `request`, on its way to the queue on which the request's sender reads answers. */
export function answerTo(
  request: Envelope,
  answer: { readonly messageId: string; readonly body: JsonValue; readonly sentAt: string; readonly replyTo: string },
): Posting {
  return {
    queue: request.replyTo,
    envelope: {
      ...answer,
      dialogId: request.dialogId,
      sequence: request.sequence,
      grade: request.grade === 'express' ? 'express-answer' : 'answer',
      type: request.type,
      version: request.version,
      fromService: request.toService,
      fromBroker: request.toBroker,
      toService: request.fromService,
      toBroker: request.fromBroker,
      inReplyTo: request.messageId,
    },
  };
}
