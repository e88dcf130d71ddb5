export type { Envelope, JsonValue } from './protocol/envelope.js';
export { Messaging } from './messaging.js';
export type { ExpressOutcome, ExpressRequest, MessagingStatus, OutgoingMessage } from './messaging.js';
export { HandleAnswers, HandleExpress, HandleMessages, MessageService } from './nest/decorators.js';
export type { MessageHandlerOptions, ReceivedAnswer, ReceivedMessage } from './nest/decorators.js';
