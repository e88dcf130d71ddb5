import { type EngineOptions, MessagingEngine } from '../../../libs/messaging/src/engine/engine.js';
import { DIALOG_PROTOCOL } from '../../../libs/messaging/src/protocol/dialog/index.js';

/**
 * SABOTAGE, for demos: an engine that takes every first message for confirmed and acts on it at once, as SQL Server Service
 * Broker does. Built from the options of the real one.
 */
export function switchOffHandshake(engine: MessagingEngine): MessagingEngine {
  const { options } = engine as unknown as { readonly options: EngineOptions };
  return new MessagingEngine({
    ...options,
    dialogProtocol: {
      ...DIALOG_PROTOCOL,
      receive: (endpoint, arrival) => DIALOG_PROTOCOL.receive(endpoint, { ...arrival, locked: true }),
    },
  });
}
