import { type MessageTrail, Operations, type Replay } from '../operations.js';
import type { MessageState, MessageView, QuarantineStore } from '../ports/quarantine-store.js';
import type { TransmissionQueue } from '../ports/store.js';
import { isUuid } from '../protocol/bundle.js';
import type { Outgoing } from './outgoing.js';
import type { Retries } from './retries.js';
import type { Sightings } from './sightings.js';

export interface EngineOperationsOptions {
  readonly broker: string;
  readonly store: QuarantineStore;
  readonly queue: TransmissionQueue;
  readonly outgoing: Outgoing;
  readonly sightings: Sightings;
  /** Null before messaging has started. */
  readonly retries: () => Retries | null;
}

const STATES: readonly MessageState[] = ['dead', 'parked', 'queued'];

/** Operations on what one broker instance keeps. */
export class EngineOperations extends Operations {
  constructor(private readonly options: EngineOperationsOptions) {
    super();
  }

  async messages(state: MessageState | null, messagesMax: number): Promise<MessageView[]> {
    const { store, broker } = this.options;
    const wanted = state === null ? STATES : [state];
    const lists = await Promise.all(wanted.map((one) => store.list(broker, one, messagesMax)));
    return lists.flat().slice(0, messagesMax);
  }

  async trail(messageId: string): Promise<MessageTrail> {
    const { store, broker, sightings } = this.options;
    if (!isUuid(messageId)) return { waiting: null, sightings: [] };
    const found = await store.find(broker, messageId);
    if (found === null) return { waiting: null, sightings: sightings.of(messageId) };
    const { state, type, attempts, nextAttemptAt } = found;
    return { waiting: { state, type, attempts, nextAttemptAt }, sightings: sightings.of(messageId) };
  }

  async replay(messageId: string): Promise<Replay> {
    const { store, broker } = this.options;
    const found = isUuid(messageId) ? await store.find(broker, messageId) : null;
    if (found === null) return { outcome: 'unknown', lastError: null };
    if (found.state === 'queued') return this.sendAgain(messageId);
    if (!(await store.revive(messageId))) return { outcome: 'waiting', lastError: null };
    await this.options.retries()?.look();
    const left = await store.find(broker, messageId);
    return left === null || left.state === 'queued'
      ? { outcome: 'applied', lastError: null }
      : { outcome: 'failed', lastError: left.lastError };
  }

  private async sendAgain(messageId: string): Promise<Replay> {
    const { queue, outgoing } = this.options;
    const at = outgoing.now();
    outgoing.resend(await queue.claim(messageId), at);
    return { outcome: 'sent', lastError: null };
  }
}
