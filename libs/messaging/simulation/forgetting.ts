import { answerQueue } from '../src/protocol/queue-names.js';
import type { Parcel } from './parcel.js';
import type { Replica } from './replica.js';
import type { Round } from './store.js';

/** Looks in one channel lifetime. */
const LOOKS = 4;

/** Nobody answered within so many channel lifetimes: ask again. */
const OVERDUE = 1;

/**
 * Retention, in rounds per source: asked, confirmed, waited for, forgotten. All processes of a broker work on the same
 * rounds. Sources keep nothing for it.
 */
export class Forgetting {
  constructor(private readonly replica: Replica) {
    this.look();
  }

  /** At the source: what it still has for the broker that asks, messages and their dialogs. */
  question({ questionId: inReplyTo, fromBroker: toBroker }: Extract<Parcel, { kind: 'retention' }>): void {
    const { name: fromBroker, store } = this.replica.broker;
    const kept = [...store.transmission.values()].filter((queued) => {
      const far = queued.side === null ? queued.toBroker : store.endpoint(queued.dialogId, queued.side)?.farBroker;
      return far === toBroker || far === null;
    });
    const ids = kept.flatMap(({ messageId, dialogId }) => [messageId, dialogId]);
    const parcel = { kind: 'retention-answer', inReplyTo, fromBroker, toBroker, kept: ids } as const;
    this.replica.sender.post([{ queue: answerQueue(toBroker), parcel }]);
  }

  /** At the target: a source has answered. Answers to questions that are not open any more change nothing. */
  answered({ fromBroker, inReplyTo, kept }: Extract<Parcel, { kind: 'retention-answer' }>): void {
    const { rounds } = this.replica.broker.store;
    const round = rounds.get(fromBroker);
    if (round?.questionId !== inReplyTo || round.confirmedAt !== null) return;
    this.replica.transact('confirmation', (tx) =>
      tx.put(rounds, fromBroker, { ...round, confirmedAt: this.replica.now(), kept: new Set(kept) }),
    );
  }

  private look(): void {
    const { retention, random } = this.replica;
    const pauseMs = retention.channelLifetimeMs / LOOKS;
    this.replica.later(random.between(0.8 * pauseMs, 1.2 * pauseMs), () => {
      for (const [source, round] of this.replica.broker.store.rounds) this.forget(source, round);
      for (const source of this.sources()) if (this.replica.up) this.ask(source);
      if (this.replica.up) this.look();
    });
  }

  /** Those of whose messages and dialogs there is something to forget. */
  private sources(): Set<string> {
    const { store } = this.replica.broker;
    const sources = new Set<string>();
    for (const { fromBroker } of store.processed.values()) sources.add(fromBroker);
    for (const key of store.endedAt.keys()) {
      const farBroker = store.endpoints.get(key)?.farBroker ?? null;
      if (farBroker !== null) sources.add(farBroker);
    }
    return sources;
  }

  private ask(source: string): void {
    const { broker, protections, random, retention } = this.replica;
    const open = broker.store.rounds.get(source);
    const overdueAt = (open?.askedAt ?? -Infinity) + OVERDUE * retention.channelLifetimeMs;
    if (open !== undefined && (open.confirmedAt !== null || overdueAt > this.replica.now())) return;
    const questionId = random.uuid();
    const askedAt = this.replica.now();
    const confirmedAt = protections.asksBeforeForgetting ? null : askedAt;
    this.replica.transact('question', (tx) => {
      tx.put(broker.store.rounds, source, { questionId, askedAt, confirmedAt, kept: new Set<string>() });
      const parcel = { kind: 'retention', questionId, fromBroker: broker.name, toBroker: source } as const;
      tx.afterCommit(() => this.replica.sender.post([{ queue: answerQueue(source), parcel }]));
    });
  }

  private forget(source: string, { askedAt, confirmedAt, kept }: Round): void {
    const { protections, retention, broker } = this.replica;
    if (!this.replica.up || confirmedAt === null) return;
    if (this.replica.now() < confirmedAt + protections.forgetAfterMs(retention)) return;
    const { processed, endpoints, endedAt, rounds } = broker.store;
    this.replica.transact('forgetting', (tx) => {
      for (const [messageId, row] of processed) {
        if (row.fromBroker !== source || row.processedAt >= askedAt || kept.has(messageId)) continue;
        tx.remove(processed, messageId);
        this.replica.reach('a processed message was forgotten');
      }
      for (const [key, at] of endedAt) {
        const endpoint = endpoints.get(key);
        if (endpoint?.farBroker !== source || at >= askedAt || kept.has(endpoint.dialogId)) continue;
        if (this.isWaiting(endpoint.dialogId)) continue;
        tx.remove(endpoints, key);
        tx.remove(endedAt, key);
        this.replica.reach('an ended dialog was forgotten');
      }
      tx.remove(rounds, source);
    });
  }

  private isWaiting(dialogId: string): boolean {
    const { transmission, parked } = this.replica.broker.store;
    return (
      [...transmission.values()].some((queued) => queued.dialogId === dialogId) ||
      [...parked.values()].some(({ parcel }) => parcel.dialogId === dialogId)
    );
  }
}
