import { type DialogSide, type Endpoint, stateOf } from '../src/protocol/dialog/index.js';
import type { Route } from '../src/protocol/routing.js';
import type { DialogParcel } from './parcel.js';
import type { SimulatedTransaction } from './transaction.js';

/** A message in the transmission queue, until it is answered. */
export interface Queued {
  readonly messageId: string;
  readonly dialogId: string;
  /** The sender's end; null where the message is a dialog of its own. */
  readonly side: DialogSide | null;
  readonly sequence: number;
  readonly fromService: string;
  readonly toService: string;
  /** Of a dialog of its own; for others their endpoint knows. */
  readonly toBroker: string | null;
  /** What an open broker is chosen by. */
  readonly routingKey: string;
  readonly type: string;
  readonly body: string;
  readonly attempts: number;
  readonly nextAttemptAt: number;
}

export interface Parked {
  readonly parcel: DialogParcel;
  readonly reason: 'gap' | 'unconfirmed';
  readonly parkedAt: number;
}

/** What the inbox keeps of a message that was applied. */
export interface Processed {
  readonly answer: string;
  readonly fromBroker: string;
  readonly processedAt: number;
}

/** Forgetting what came from one source. */
export interface Round {
  readonly questionId: string;
  readonly askedAt: number;
  readonly confirmedAt: number | null;
  /** What the source still had, messages and dialogs. */
  readonly kept: ReadonlySet<string>;
}

/** What one broker instance keeps through every crash: its database. */
export class Store {
  readonly transmission = new Map<string, Queued>();
  readonly processed = new Map<string, Processed>();
  /** By dialog and side. */
  readonly endpoints = new Map<string, Endpoint>();
  /** Of those that have ended, by the same keys. */
  readonly endedAt = new Map<string, number>();
  /** By source. */
  readonly rounds = new Map<string, Round>();
  readonly parked = new Map<string, Parked>();
  routes: readonly Route[] = [];

  endpoint(dialogId: string, side: DialogSide): Endpoint | null {
    return this.endpoints.get(endpointKey(dialogId, side)) ?? null;
  }

  keep(tx: SimulatedTransaction, endpoint: Endpoint, now: number): void {
    const key = endpointKey(endpoint.dialogId, endpoint.side);
    tx.put(this.endpoints, key, endpoint);
    if (endpoint.ended && !this.endedAt.has(key)) tx.put(this.endedAt, key, now);
  }

  /** What nobody needs any more once everything is done and time has passed. */
  forgettable(): string[] {
    const unconfirmed = [...this.endpoints].filter(([, endpoint]) => stateOf(endpoint) === 'unconfirmed');
    return [
      ...[...this.processed.keys()].map((id) => `processed message ${id}`),
      ...[...this.endedAt.keys()].map((key) => `ended dialog ${key}`),
      ...unconfirmed.map(([key]) => `unconfirmed dialog ${key}`),
    ];
  }

  get isAtRest(): boolean {
    return this.transmission.size === 0 && this.parked.size === 0;
  }

  /** What is under way or waits; empty once everything is done. */
  waiting(): string[] {
    const unanswered = [...this.transmission.values()].map(({ body }) => `${body} in the transmission queue`);
    const parked = [...this.parked.values()].map(({ parcel, reason }) => `${parcel.body} parked (${reason})`);
    return [...unanswered, ...parked];
  }
}

export const endpointKey = (dialogId: string, side: DialogSide) => `${dialogId}/${side}`;
