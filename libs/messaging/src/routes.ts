import type { Route } from './protocol/routing.js';

/** The route table of this broker instance. Implemented by `MessagingModule`; also the injection token. */
export abstract class Routes {
  /** As they stand in the table. */
  abstract list(): Promise<Route[]>;

  /**
   * Puts these in the place of all there are; several for one service and broker become one with the channels of all. Every replica follows within a second; dialogs that are locked stay where they
   * are. Throws `RangeError` where a name cannot be one, or a channel is not configured.
   */
  abstract put(routes: readonly Route[]): Promise<void>;
}
