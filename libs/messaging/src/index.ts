export type { Envelope, JsonValue } from './protocol/envelope.js';
export { DIALOG_END, DIALOG_ERROR } from './protocol/dialog/index.js';
export type { DialogSide } from './protocol/dialog/index.js';
export { ANY_SERVICE } from './protocol/routing.js';
export type { Route } from './protocol/routing.js';
export { ChannelSpecError, parseChannels } from './protocol/channel-spec.js';
export type { ChannelPlan, ChannelPolicy, ChannelSpec } from './protocol/channel-spec.js';
export type { TraceContext } from '#tracing';
export { DialogNotOpen, Dialogs } from './dialogs.js';
export type { DialogMessage, DialogReference, NewDialog } from './dialogs.js';
export { Routes } from './routes.js';
export { Messaging } from './messaging.js';
export type {
  ActivationStatus,
  ChannelStatus,
  ExpressOutcome,
  ExpressRequest,
  MessagingStatus,
  StoredMessages,
  OutgoingMessage,
  PreparedMessages,
  QueueStatus,
} from './messaging.js';
export { HandleAnswers, HandleExpress, HandleMessage, HandleMessages, MessageService } from './nest/decorators.js';
export type {
  BodySchema,
  MessageHandlerOptions,
  ReceivedAnswer,
  ReceivedMessage,
  RecoverableHandlerOptions,
  ServingHandlerOptions,
  Upcast,
} from './nest/decorators.js';
export type { FailurePolicy } from './protocol/failures.js';
export type { RetentionPolicy } from './protocol/retention.js';
export { Operations } from './operations.js';
export type { Replay } from './operations.js';
export type { MessageState, MessageView } from './ports/quarantine-store.js';
export { MessagingModule } from './nest/messaging.module.js';
export type { MessagingModuleAsyncOptions, MessagingModuleOptions } from './nest/messaging.module.js';
export { MESSAGING_MIGRATIONS } from './postgres/migrations.js';
