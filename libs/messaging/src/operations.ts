import type { Sighting } from './engine/sightings.js';
import type { MessageState, MessageView } from './ports/quarantine-store.js';

/** What came of a replay. */
export interface Replay {
  /**
   * `applied` or `failed` now (with all its attempts anew); `sent` again by its source; `waiting`: for a message before it, or for its
   * initiator, which a replay cannot give it; `unknown`: nothing of that id waits here.
   */
  readonly outcome: 'applied' | 'failed' | 'sent' | 'waiting' | 'unknown';
  readonly lastError: string | null;
}

/** The way of one message as this replica knows it. */
export interface MessageTrail {
  /** How it stands at this broker instance, if it waits here. */
  readonly waiting: Pick<MessageView, 'state' | 'type' | 'attempts' | 'nextAttemptAt'> | null;
  /** What this replica has done with it lately; another replica has seen other things. */
  readonly sightings: readonly Sighting[];
}

/**
 * What operators see and do about the messages of one broker instance: those that it has sent and that are not answered, and
 * those that it has got and could not apply. Implemented by `MessagingModule`; also the injection token.
 */
export abstract class Operations {
  /** Oldest first; of every state where none is given. */
  abstract messages(state: MessageState | null, messagesMax: number): Promise<MessageView[]>;

  /** Never with the message's content. */
  abstract trail(messageId: string): Promise<MessageTrail>;

  /** Tries a message again now. */
  abstract replay(messageId: string): Promise<Replay>;
}
