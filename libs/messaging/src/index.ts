export type { Envelope, JsonValue } from './protocol/envelope.js';
export type { Route } from './protocol/routing.js';
export { ChannelSpecError, parseChannels } from './protocol/channel-spec.js';
export type { ChannelPlan, ChannelPolicy, ChannelSpec } from './protocol/channel-spec.js';
export { Messaging } from './messaging.js';
export type {
  ActivationStatus,
  ChannelStatus,
  ExpressOutcome,
  ExpressRequest,
  MessagingStatus,
  OutgoingMessage,
  QueueStatus,
} from './messaging.js';
export { HandleAnswers, HandleExpress, HandleMessages, MessageService } from './nest/decorators.js';
export type { MessageHandlerOptions, ReceivedAnswer, ReceivedMessage } from './nest/decorators.js';
export { MessagingModule } from './nest/messaging.module.js';
export type { MessagingModuleAsyncOptions, MessagingModuleOptions } from './nest/messaging.module.js';
export { MESSAGING_MIGRATIONS } from './postgres/migrations.js';
